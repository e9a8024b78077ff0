"""An account that asked to be left alone is left alone for so long, whatever else is over meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from syncd import errors
from syncd.core.changes import Field, Side, Status
from syncd.flow import accounts
from syncd.flow.catchup import reconcile
from syncd.flow.orders import restraint
from syncd.store import watches
from tests.flow.catcher import Catcher
from tests.flow.world import PAGERDUTY, World

REST_S = 600.0
LIMITED = errors.RateLimited("Slow down.", retry_after=REST_S)
SPENT = errors.RateLimited("The request budget is spent.", retry_after=REST_S, status=None)
AWAY = errors.Unreachable("The connection was refused.")
REFUSED = errors.Unauthorised("The key is not accepted.", status=401)


def _resumes(world: World) -> None:
    assert restraint.pause(world.db, PAGERDUTY, by="Ana", why="a mistake")
    assert restraint.resume(world.db, PAGERDUTY, by="Ana")


def _answers(world: World) -> None:
    with world.db.write() as tx:
        accounts.let_go_on(tx, world.account(Side.INCIDENT), world.db.now(tx))


def _answers_and_resumes(world: World) -> None:
    assert restraint.pause(world.db, PAGERDUTY, by="Ana", why="a mistake")
    _answers(world)
    assert restraint.resume(world.db, PAGERDUTY, by="Ana")


NEWS = pytest.mark.parametrize("happens", [_resumes, _answers, _answers_and_resumes])


def _asked(world: World, op: str) -> int:
    return len([call for call in world.incident.calls if call.op == op])


def test_a_note_that_was_asked_to_wait_is_not_written_because_a_probe_succeeds(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    linked.incident.fail("add_note", LIMITED)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.forget()
    linked.incident.fail("fetch", AWAY, times=100)  # Once that were answered, nobody would have to probe.
    linked.act(Side.CASE, "C-2", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    for _ in range(int(REST_S) // 5 - 10):  # When it is tried again is drawn by lot.
        linked.wait(5)
        if _asked(linked, "check"):
            break
    assert _asked(linked, "check") == 1
    assert _asked(linked, "add_note") == 0
    linked.wait(REST_S)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


def test_a_note_that_was_asked_to_wait_and_then_held_for_a_refused_key_waits_on_under_the_next_key(
    linked: World,
) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    linked.incident.fail("add_note", LIMITED)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    for op in ("add_note", "check"):
        linked.incident.fail(op, REFUSED)
    linked.comment(Side.CASE, "C-2", "two")
    linked.drain()
    assert linked.states("C-1")[-1] == ("note", "held")
    linked.forget()
    _answers(linked)
    linked.wait(5)
    assert _asked(linked, "add_note") == 0
    linked.wait(REST_S)
    assert linked.incident.texts("I-1") == ["Ana (case): one"]


@NEWS
def test_a_look_at_a_record_that_was_asked_to_wait_waits(linked: World, happens: Callable[[World], None]) -> None:
    linked.incident.fail("fetch", LIMITED)
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    linked.forget()
    happens(linked)
    linked.wait(5)
    assert _asked(linked, "fetch") == 0
    linked.wait(REST_S)
    assert linked.case.record("C-1").status is Status.ACKNOWLEDGED


@NEWS
def test_a_look_over_an_account_that_was_asked_to_wait_waits(linked: World, happens: Callable[[World], None]) -> None:
    catcher = Catcher(linked)
    linked.incident.fail("standing", LIMITED)
    catcher.ask(linked.clock.now() - timedelta(minutes=5))
    assert reconcile.work(catcher.worker)
    due = catcher.last()["next_at"]
    linked.clock.forward(5)
    happens(linked)
    assert catcher.last()["next_at"] == due


def test_what_waits_for_our_own_budget_asks_it_again_at_once(linked: World) -> None:
    catcher = Catcher(linked)
    linked.incident.fail("standing", SPENT)
    catcher.ask(linked.clock.now() - timedelta(minutes=5))
    assert reconcile.work(catcher.worker)
    _resumes(linked)
    assert catcher.last()["next_at"] == linked.clock.now()


def test_its_webhook_subscriptions_are_looked_at_after_the_rest(linked: World) -> None:
    linked.incident.fail("fetch", LIMITED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    with linked.db.write() as tx:
        watches.begin(tx, PAGERDUTY, linked.db.now(tx) + timedelta(days=1))
    _answers(linked)
    with linked.db.read() as tx:
        assert watches.all_of(tx)[PAGERDUTY].next_at == linked.clock.now() + timedelta(seconds=REST_S)


def test_of_two_rests_the_longer_one_is_kept(linked: World) -> None:
    for seconds in (REST_S, 1.0):
        linked.incident.fail("fetch", errors.RateLimited("Slow down.", retry_after=seconds))
        linked.point_at(Side.INCIDENT, "I-1")
        linked.drain()
        linked.clock.forward(1)
    with linked.db.write() as tx:
        watches.begin(tx, PAGERDUTY, linked.db.now(tx) + timedelta(days=1))
    _answers(linked)
    with linked.db.read() as tx:
        assert watches.all_of(tx)[PAGERDUTY].next_at > linked.clock.now() + timedelta(seconds=REST_S - 5)
