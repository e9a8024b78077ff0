"""Nothing falls between two looks over an account, whatever time each of them covers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.connections.webhooks.making import add_hook_secret
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.catchup import unheard
from syncd.flow.orders import restraint
from syncd.store import heartbeats, integrations
from tests.flow.catchup.poller import Poller
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def poller(linked: World) -> Poller:
    made = Poller(linked)
    made.poll_for(3 * MINUTE)
    linked.forget()
    return made


def test_a_look_at_the_last_minutes_leaves_to_the_next_poll_what_polls_have_missed_before(poller: Poller) -> None:
    world = poller.world
    assert restraint.pause(world.db, PAGERDUTY, by="Ana", why="a move")
    world.clock.forward(5 * MINUTE)
    world.incident.note("I-1", "seen", BEN)
    world.clock.forward(55 * MINUTE)
    unheard.ask(world.db, PAGERDUTY, world.clock.now() - 10 * MINUTE, by="Ana")
    assert restraint.resume(world.db, PAGERDUTY, by="Ana")
    poller.poll_for(MINUTE)
    assert world.case.texts("C-1") == ["seen"]


def test_a_receiver_that_was_away_leaves_to_the_next_poll_what_workers_that_were_away_for_longer_have_missed(
    poller: Poller,
) -> None:
    world = poller.world
    world.clock.forward(5 * MINUTE)
    world.incident.note("I-1", "seen", BEN)
    world.clock.forward(19 * MINUTE)
    with world.db.write() as tx:
        heartbeats.beat(tx, "receiver", "one", world.db.now(tx))
    world.clock.forward(6 * MINUTE)
    unheard.after_absence(world.db)
    poller.poll_for(MINUTE)
    assert world.case.texts("C-1") == ["seen"]


def test_a_deep_look_at_the_last_hour_leaves_to_the_daily_one_what_befell_before(linked: World) -> None:
    """An incident that was over was reopened, and its hook was lost: only a list of that time shows it."""
    worker = _with_webhook(linked)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.in_step().status == Status.RESOLVED
    worker.poll_for(timedelta(hours=25), every=timedelta(hours=5))
    linked.incident.note("I-1", "it was the cache", BEN)
    linked.incident.set("I-1", Field.STATUS, Status.OPEN, BEN)
    worker.poll_for(timedelta(hours=5), every=timedelta(hours=1))
    unheard.ask(linked.db, PAGERDUTY, linked.clock.now() - timedelta(hours=1), by="Ana", is_deep=True)
    worker.poll_for(timedelta(hours=30), every=timedelta(hours=5))
    assert linked.case.texts("C-1") == ["it was the cache"]
    assert linked.in_step().status == Status.OPEN


def test_who_gives_a_polled_account_a_webhook_misses_nothing_that_the_next_poll_would_have_found(
    poller: Poller,
) -> None:
    world = poller.world
    world.clock.forward(5)
    world.incident.note("I-1", "seen", BEN)
    world.clock.forward(5)
    setup = Setup(world.db, Vault(generate_key()), world.clock)
    add_hook_secret(setup, PAGERDUTY, "pasted-0123456789-secret")
    poller.poll_for(MINUTE)
    assert world.case.texts("C-1") == ["seen"]


def _with_webhook(world: World) -> Poller:
    made = Poller(world)
    with world.db.write() as tx:
        integrations.add_hook_secret(tx, PAGERDUTY, b"x", "", world.db.now(tx))
    return made
