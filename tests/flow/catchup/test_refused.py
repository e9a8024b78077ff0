"""A look over an account that PagerDuty refuses for good ends, is told at once, and takes nobody who asks later with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from syncd.clock import Clock
from syncd.core.changes import Side
from syncd.errors import Ambiguous, Refused
from syncd.flow.catchup import reconcile, unheard
from syncd.flow.why.answer import Asker
from syncd.store import marks
from tests.flow.catcher import Catcher, open_incidents
from tests.flow.far_side import ANA
from tests.flow.status.told import seen, whats
from tests.flow.world import PAGERDUTY, World

TOO_LONG = Refused(
    "PagerDuty answered 400 to GET /log_entries: Invalid Query Date Range (code 2005).", status=400, code=2005
)


@pytest.fixture
def catcher(world: World) -> Catcher:
    """Of an account with a credential, as those that can change unheard have one."""
    with world.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some WHERE slug = 'pagerduty'"), {"some": b"x"})
    world.connections._systems[PAGERDUTY] = ((b"x", "", {}, False), world.incident)
    return Catcher(world)


def _refused(world: World, catcher: Catcher, ago: timedelta) -> None:
    world.incident.fail("changed", TOO_LONG)
    catcher.ask(world.clock.now() - ago)
    assert reconcile.work(catcher.worker)


def _why(world: World) -> tuple[str, str]:
    verdict = Asker(world.db, lambda: world.connections, Clock()).why("C-1").verdict
    return verdict.gate.word, verdict.sentence


def test_what_was_refused_for_good_is_told_at_once_by_status_and_by_why(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    assert _why(world)[0] == "in_step"
    before = _mark(world)
    _refused(world, catcher, timedelta(days=200))
    assert (catcher.last()["state"], catcher.last()["is_failed"], catcher.last()["detail"]) == (
        "done",
        True,
        str(TOO_LONG),
    )
    (told,) = whats(seen(world))
    assert told.startswith("What pagerduty has changed unheard since ")
    assert "code 2005" in told
    assert _why(world) == ("heard", told)
    assert _mark(world) == before, "nothing was looked over"


def _mark(world: World) -> marks.Marks:
    with world.db.read() as tx:
        return marks.of(tx, PAGERDUTY)


def test_who_asks_later_begins_where_he_wants_to_and_finds_what_was_missed(world: World, catcher: Catcher) -> None:
    (ref,) = open_incidents(world, 1)
    _refused(world, catcher, timedelta(days=200))
    since = world.clock.now()
    world.incident.note(ref, "seen", ANA)
    done = catcher.catch_up(since)
    assert (done["since"], done["state"], done["is_failed"], done["found"]) == (since, "done", False, 1)
    assert world.case.texts("C-1") == ["seen"]
    assert whats(seen(world)) == []
    assert _why(world)[0] == "in_step"


def test_a_look_of_its_own_that_begins_later_makes_nothing_good(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    _refused(world, catcher, timedelta(days=200))
    world.clock.forward(timedelta(days=2))
    unheard.ask_where_due(world.db)
    assert catcher.last()["why"] in {"daily", "polling"}
    catcher.ask(world.clock.now() - timedelta(days=300))
    assert reconcile.work(catcher.worker)
    assert whats(seen(world)) == [], "this one reached as far back"


def test_what_may_pass_is_put_off_as_ever(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    world.incident.fail("changed", Ambiguous("No answer.", status=503))
    catcher.ask(world.clock.now())
    assert reconcile.work(catcher.worker)
    assert (catcher.last()["state"], catcher.last()["is_failed"]) == ("waiting", False)


def test_a_right_that_is_missing_puts_it_off_since_a_person_can_give_it(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    world.incident.fail("changed", Refused("It may not.", reason="forbidden", status=403))
    catcher.ask(world.clock.now())
    assert reconcile.work(catcher.worker)
    assert catcher.last()["state"] == "waiting"


def test_a_look_of_its_own_that_is_refused_is_not_made_again_at_every_turn(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    world.clock.forward(timedelta(days=2))
    world.incident.fail("changed", TOO_LONG)
    unheard.ask_where_due(world.db)
    assert reconcile.work(catcher.worker)
    failed = catcher.last()
    assert failed["is_failed"]
    world.clock.forward(60)
    unheard.ask_where_due(world.db)
    assert catcher.last() == failed
    world.clock.forward(unheard.FAILED_EVERY)
    unheard.ask_where_due(world.db)
    assert catcher.last()["id"] > failed["id"]


def test_nothing_is_asked_of_an_account_from_before_it_was_added(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    added_at = world.account(Side.INCIDENT).created_at
    assert added_at is not None
    unheard.ask(world.db, PAGERDUTY, world.clock.now() - timedelta(days=700), by="Ana")
    assert catcher.last()["since"] == added_at
