"""What status does not vouch for: looks that are still to be made, accounts only observed, writes that were never made."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.catchup import reconcile, unheard
from syncd.flow.orders import parking, replaying, restraint
from syncd.store import gaps, integrations
from syncd.store.reconciles import BRIEF_EVERY
from tests.flow.catcher import Catcher
from tests.flow.status.told import NO, beat, seen, whats
from tests.flow.world import LANDED, PAGERDUTY, World

BEN = Actor("Ben")
PARKED = "1 change was put aside by a person and never made, so both sides may differ there: `syncd deliveries list --outcome parked`."
OBSERVED = "1 change was only observed or read and never made, so both sides may differ there: `syncd deliveries list reason:observing,read_only`."
ONLY_OBSERVED = "pagerduty is only observed, so whatever it has not got from the other side is missing there."


def _doubts(world: World) -> list[str]:
    found = seen(world)
    assert whats(found) == [], "none of it is something to do"
    return list(found.doubts)


def test_for_a_day_after_a_restore_what_the_backup_forgot_is_asked_for(linked: World) -> None:
    made = linked.clock.now()
    linked.clock.forward(timedelta(hours=1))
    with linked.db.write() as tx:
        gaps.begin(tx, PAGERDUTY, made, linked.clock.now())
        gaps.end(tx, PAGERDUTY, linked.clock.now())
    assert _doubts(linked) == [
        (
            "A backup of 2026-11-21 12:00 UTC was restored: open incidents in pagerduty whose case it has forgotten are shown by "
            "`syncd restored --lost`."
        )
    ]
    linked.clock.forward(timedelta(days=1, seconds=1))
    assert _doubts(linked) == []


def _refuse_status(world: World, status: Status = Status.ACKNOWLEDGED) -> int:
    world.incident.fail("set_status", NO)
    world.act(Side.CASE, "C-1", Field.STATUS, status)
    world.drain()
    return int(world.last()["id"])


def test_where_all_was_made_there_is_none(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert _doubts(linked) == []


def test_after_a_restart_what_was_missed_is_not_known_until_the_look_is_made(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some WHERE slug = 'pagerduty'"), {"some": b"x"})
        integrations.add_hook_secret(tx, PAGERDUTY, b"x", "", linked.db.now(tx))
    linked.connections._systems[PAGERDUTY] = ((b"x", "", {}, False), linked.incident)
    worker = Catcher(linked).worker
    for _ in range(2):
        linked.clock.forward(BRIEF_EVERY)
        left = linked.clock.now()
        beat(linked, "receiver")
        linked.clock.forward(2)
        unheard.after_absence(linked.db)
        said = (
            f"What pagerduty has changed since {left:%Y-%m-%d %H:%M:%S} UTC without a hook is still being looked for."
        )
        assert _doubts(linked) == [said]
        assert reconcile.work(worker)
        linked.drain()
        assert _doubts(linked) == []


def test_an_account_that_is_only_observed_is_told_and_so_is_what_it_has_not_got(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    assert _doubts(linked) == [ONLY_OBSERVED]
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    number = linked.last()["id"]
    assert _doubts(linked) == [ONLY_OBSERVED, OBSERVED]
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    linked.wait(5)
    assert _doubts(linked) == [OBSERVED], "nobody sends words of then by himself"
    replaying.replay(linked.db, linked.connections, [number], by="Ben")
    linked.wait(LANDED)
    assert _doubts(linked) == []


def test_a_field_that_was_only_observed_and_decided_anew_is_in_step_again(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert _doubts(linked) == [ONLY_OBSERVED, OBSERVED]
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    linked.wait(5)
    assert linked.in_step().status is Status.ACKNOWLEDGED
    assert _doubts(linked) == []


def test_what_a_person_put_aside_is_told_until_it_is_replayed(linked: World) -> None:
    number = _refuse_status(linked)
    parking.park(linked.db, [number], by="Eve", why="nobody needs it")
    assert _doubts(linked) == [PARKED]
    replaying.replay(linked.db, linked.connections, [number], by="Eve")
    linked.wait(LANDED)
    assert _doubts(linked) == []


def test_of_a_field_only_the_last_write_is_missed(linked: World) -> None:
    parking.park(linked.db, [_refuse_status(linked)], by="Eve", why="nobody needs it")
    assert _doubts(linked) == [PARKED]
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.in_step().status is Status.RESOLVED
    assert _doubts(linked) == []


def test_of_comments_each_is_missed(linked: World) -> None:
    linked.incident.fail("add_note", NO)
    for words in ("one", "two"):
        linked.comment(Side.CASE, "C-1", words)
    linked.drain()
    refused = next(row["id"] for row in linked.rows() if row["outcome"] == "failed")
    parking.park(linked.db, [refused], by="Eve", why="nobody needs it")
    assert _doubts(linked) == [PARKED]
