"""A backup was restored: what was done in the time that it does not know is not done again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from syncd import errors
from syncd.core import wording
from syncd.core.changes import NOBODY, Actor, Fate, Field, Side, Status, Verb
from syncd.flow.catchup import reconcile, restoring
from syncd.flow.orders import restraint
from syncd.flow.status.condition import condition
from syncd.flow.status.parts import PARTS, SILENT_AFTER
from syncd.store import integrations, reconciles, watches
from tests.flow.catcher import Catcher
from tests.flow.far_side import US
from tests.flow.status.told import beat
from tests.flow.world import CASES, LANDED, PAGERDUTY, World

BEN = Actor("Ben")
AWAY = errors.Unreachable("The connection was refused.")
REFUSED = errors.Unauthorised("The key is not accepted.", status=401)


@pytest.fixture
def sealed(linked: World) -> World:
    """Accounts outside, as those with a credential are: they can change unheard, and a backup forgets of them."""
    with linked.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some"), {"some": b"x"})
    for side in Side:
        linked.connections._systems[linked.slug(side)] = ((b"x", "", {}, False), linked.side(side))
    return linked


def _catch_up(world: World) -> None:
    worker = reconcile.Worker(world.db, world.connections, world.clock, world.crew.wake, lambda _: False)
    for _ in range(20):
        if not reconcile.work(worker):
            break
    world.drain()
    world.wait(0)


def _restore(world: World, since: datetime) -> None:
    """So much later than the daemon that was lost did its last."""
    world.clock.forward(3000)
    restoring.restored(world.db, by="Eve", since=since)


def _look_in_full(world: World) -> None:
    with world.db.write() as tx:
        now = world.db.now(tx)
        reconciles.ask(tx, PAGERDUTY, now - timedelta(hours=2), why="asked", by="", now=now, is_deep=True)
    _catch_up(world)


def test_webhook_subscriptions_are_looked_at_at_once(sealed: World) -> None:
    with sealed.db.write() as tx:
        watches.begin(tx, PAGERDUTY, sealed.db.now(tx) + timedelta(days=1))
    _restore(sealed, sealed.clock.now())
    with sealed.db.read() as tx:
        assert watches.all_of(tx)[PAGERDUTY].next_at == sealed.db.now(tx)


def test_a_note_under_way_in_the_backup_is_not_looked_for_before_its_last_try_has_landed(sealed: World) -> None:
    since = sealed.clock.now()
    sealed.comment(Side.CASE, "C-1", "one")
    sealed.plan()
    sealed.claim()  # The backup is made in this moment.
    _restore(sealed, since)
    _catch_up(sealed)
    for seconds in (5, 5, 10):
        sealed.wait(seconds)
    # The daemon that ran until the restore had tried it once more at its end; that lands 20 s later.
    sealed.incident.note("I-1", "Ana (case): one", US)
    for _ in range(5):
        sealed.wait(LANDED)
    assert sealed.incident.texts("I-1") == ["Ana (case): one"]


def test_what_was_said_instead_of_a_waiting_write_is_not_said_again(sealed: World) -> None:
    """In the backup an acknowledge for the case waits; then the case was closed, and a comment told of it instead."""
    restraint.pause(sealed.db, CASES, by="Eve", why="a backup")
    sealed.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    sealed.drain()
    since = sealed.clock.now()
    sealed.clock.forward(600)
    sealed.case.set("C-1", Field.STATUS, Status.CLOSED)
    words = wording.incident_moved(Verb.ACKNOWLEDGE, BEN, is_case_closed=True)
    sealed.case.note("C-1", words, US)
    _restore(sealed, since)
    restraint.resume(sealed.db, CASES, by="Eve")
    for _ in range(5):
        _catch_up(sealed)
        sealed.wait(LANDED)
    assert sealed.case.texts("C-1") == [words]


def test_a_deletion_that_was_told_already_is_not_told_again_a_day_later(sealed: World) -> None:
    sealed.comment(Side.INCIDENT, "I-1", "secret plan", BEN)
    sealed.drain()
    _look_in_full(sealed)  # What it says is known.
    sealed.wait(3600)
    since = sealed.clock.now()
    sealed.clock.forward(600)
    sealed.incident.kept["I-1"].notes.clear()  # Ben deletes it, and the lost daemon tells of that.
    told = wording.note_later(Fate.DELETED, Side.INCIDENT, NOBODY, "secret plan")
    sealed.case.note("C-1", told, US)
    _restore(sealed, since)
    for _ in range(4):
        _catch_up(sealed)
        sealed.wait(LANDED)
    sealed.wait(86400)
    _look_in_full(sealed)
    for _ in range(3):
        sealed.wait(LANDED)
    assert sealed.case.texts("C-1") == ["secret plan", told]


def _acknowledged_and_taken_back(world: World) -> None:
    """In the backup an acknowledge for the incident waits; it was made, and both sides have been open again since."""
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.plan()
    world.forget()
    since = world.clock.now()
    world.clock.forward(600)
    world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, US)
    world.clock.forward(600)
    world.case.set("C-1", Field.STATUS, Status.OPEN, BEN)
    world.incident.set("I-1", Field.STATUS, Status.OPEN, BEN)
    _restore(world, since)


@pytest.mark.parametrize("error", [None, AWAY, REFUSED, errors.RateLimited("Slow down.", retry_after=90)])
def test_a_record_that_cannot_be_read_at_once_keeps_its_link_waiting(
    sealed: World, error: errors.SideError | None
) -> None:
    _acknowledged_and_taken_back(sealed)
    if error is not None:
        for op in ("fetch", "check"):
            sealed.case.fail(op, error)
    _catch_up(sealed)
    for _ in range(12):
        sealed.wait(30)
    assert (sealed.case.record("C-1").status, sealed.incident.record("I-1").status) == (Status.OPEN, Status.OPEN)
    assert "set_status" not in sealed.incident.writes()


def test_what_is_new_of_a_link_that_waits_for_its_record_waits_as_well_and_goes_on_by_itself(sealed: World) -> None:
    sealed.ask_for_incident("C-2")
    sealed.drain()
    sealed.wait(600)
    _acknowledged_and_taken_back(sealed)
    sealed.case.fail("fetch", AWAY, times=3)
    _catch_up(sealed)
    sealed.wait(1)
    assert not sealed.account(Side.CASE).is_unread, "the account is read; one record of it is not"
    for ref in ("C-1", "C-2"):
        sealed.act(Side.CASE, ref, Field.PRIORITY, "P1")
    sealed.drain()
    assert [sealed.incident.record(ref).priority for ref in ("I-1", "I-2")] == ["LOW", "HIGH"]
    assert [one.remedy for one in condition(sealed.db).findings if "caught up with" in one.what] != []
    for _ in range(12):
        sealed.wait(30)
    assert sealed.incident.record("I-1").priority == "HIGH"
    assert not any("caught up with" in one.what for one in condition(sealed.db).findings)


def test_a_backup_that_was_made_in_the_middle_of_a_look_is_caught_up_with_from_the_front(sealed: World) -> None:
    """Else what has changed since stands on a page that nobody reads, and the gap is called read."""
    sealed.incident.page = 1
    for number in (2, 3):
        sealed.ask_for_incident(f"C-{number}")
        sealed.drain()
    sealed.wait(600)
    for number in (1, 2, 3):
        sealed.incident.note(f"I-{number}", "seen", BEN)
    catcher = Catcher(sealed)

    def at_the_next() -> None:
        sealed.incident.meanwhile["changed"] = lambda: sealed.incident.fail("changed", AWAY)

    sealed.incident.meanwhile["changed"] = at_the_next
    catcher.ask(sealed.clock.now() - timedelta(minutes=5))
    assert reconcile.work(catcher.worker)
    sealed.drain()
    assert (catcher.last()["state"], catcher.last()["cursor"]) == ("waiting", "1")
    since = sealed.clock.now()
    sealed.clock.forward(600)
    sealed.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    sealed.incident.note("I-1", "it was the cache", BEN)
    _restore(sealed, since)
    for _ in range(5):
        _catch_up(sealed)
        sealed.wait(LANDED)
    assert not sealed.account(Side.INCIDENT).is_unread
    assert (sealed.case.record("C-1").status, sealed.case.texts("C-1")) == (
        Status.RESOLVED,
        ["seen", "it was the cache"],
    )


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("paused", "syncd integrations resume pagerduty"),
        ("disconnected", "syncd integrations rotate pagerduty"),
        ("", "syncd integrations test pagerduty"),
    ],
)
def test_what_has_to_happen_before_a_restored_account_can_be_read_is_told(sealed: World, how: str, said: str) -> None:
    if how == "paused":
        restraint.pause(sealed.db, PAGERDUTY, by="Ana", why="a move")
    if how == "disconnected":
        with sealed.db.write() as tx:
            now = sealed.db.now(tx)
            integrations.disconnect(tx, PAGERDUTY, code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    _restore(sealed, sealed.clock.now() - timedelta(hours=1))
    (remedy,) = [
        one.remedy for one in condition(sealed.db).findings if "has changed since then in pagerduty" in one.what
    ]
    assert said in remedy
    assert ("by itself" in remedy) is (how == "")


def test_signs_of_life_that_stand_in_the_backup_are_no_parts_and_no_trouble_while_parts_come_up(sealed: World) -> None:
    def missing() -> list[str]:
        return [one.what for one in condition(sealed.db).findings if one.what.startswith("No ")]

    beat(sealed, *PARTS)
    sealed.clock.forward(1)
    restoring.restored(sealed.db, by="Ben")
    assert [one.instances for one in condition(sealed.db).parts] == [0] * len(PARTS)
    assert missing() == []
    sealed.clock.forward(SILENT_AFTER)
    assert missing() == [f"No {part} is running." for part in PARTS]
    beat(sealed, *PARTS)
    assert missing() == []
