"""How the daemon is: each finding is made by really breaking something, goes away when that is mended, and names its remedy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.core.changes import Field, FieldSeen, Side, Status
from syncd.errors import DiskFull
from syncd.flow.retention import keeping
from syncd.flow.retention.pruning import Policy, prune
from syncd.flow.status.condition import condition
from syncd.flow.status.parts import PARTS, SILENT_AFTER
from syncd.store import heartbeats
from tests.flow.far_side import US
from tests.flow.status.told import AWAY, NOBODY_ON_CALL, beat, seen, shown_by, whats
from tests.flow.world import NOON, World


def test_in_step(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    found = seen(linked)
    assert whats(found) == []
    assert (found.oldest_unsynced, found.oldest_age_s) == (None, None)
    assert found.errands["delivered"] == 3  # the opening, the address on the case, the acknowledgement
    assert found.links == {"open": 1}
    assert [(one.part, one.instances) for one in found.parts] == [(part, 1) for part in PARTS]


def test_a_hook_that_nobody_has_planned_is_waiting(linked: World) -> None:
    at = linked.clock.now()
    linked.comment(Side.CASE, "C-1", "one")
    linked.clock.forward(90)
    found = seen(linked)
    assert found.oldest_unsynced is not None
    assert found.oldest_unsynced - at < timedelta(seconds=1)
    assert found.oldest_age_s == pytest.approx(90, abs=1)
    assert whats(found) == [], "a minute and a half is no finding yet"


def test_a_change_that_waits_too_long_is_a_finding(linked: World) -> None:
    linked.incident.fail("add_note", AWAY, times=1_000)
    linked.incident.fail("check", AWAY, times=1_000)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert whats(seen(linked)) == []
    linked.clock.forward(601)
    found = seen(linked)
    assert whats(found) == [f"The oldest change has waited for {found.oldest_age_s:.0f} s, and 600 s are long."]
    assert found.errands["waiting"] == 1
    assert shown_by(linked, found, "The oldest change") == 1
    linked.incident.faults.clear()
    linked.wait(3_600)
    assert whats(seen(linked)) == []


def test_a_hook_that_nobody_takes_for_long_is_a_finding_whose_remedy_shows_its_link(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.clock.forward(601)
    assert shown_by(linked, seen(linked), "The oldest change") == 1


def test_a_change_that_nobody_has_tried_is_a_finding_whose_remedy_shows_its_link(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    linked.clock.forward(601)
    assert [state for _, state in linked.states()][-1] == "waiting"
    assert shown_by(linked, seen(linked), "The oldest change") == 1


def test_a_hook_about_a_record_without_a_link_names_it_and_no_command_that_shows_nothing(linked: World) -> None:
    linked.tell(Side.INCIDENT, "I 9")
    linked.clock.forward(601)
    (found,) = seen(linked).findings
    assert found.remedy == "It is a hook about incident I 9 that nobody has looked at yet; see that a worker runs."


def test_a_case_without_its_incident_is_a_finding(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    found = seen(world)
    assert "1 case got no incident." in whats(found)
    assert found.links == {"failed": 1}


def test_an_incident_that_our_own_write_reopened_is_a_finding_for_a_day(linked: World) -> None:
    linked.incident.meanwhile["set_status"] = lambda: linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    # PagerDuty tells us of our own write: it was the one that brought the incident back.
    at = (linked.incident.record("I-1").at or NOON) + timedelta(milliseconds=2)
    reopened = FieldSeen(Field.STATUS, Status.ACKNOWLEDGED, US, at, is_reopening=True)
    linked.tell(Side.INCIDENT, "I-1", reopened)
    linked.drain()
    assert linked.incident.record("I-1").status is Status.RESOLVED
    (what,) = whats(seen(linked))
    assert what == "1 incident was reopened by a write of ours in the last day, and resolved again."
    linked.clock.forward(timedelta(hours=25))
    assert whats(seen(linked)) == []


def test_pruning_that_does_not_come_to_its_end_for_days_is_a_finding(linked: World) -> None:
    policy = Policy({})
    assert whats(seen(linked)) == [], "no worker has thought of it yet"
    prune(linked.db, policy, lambda _: False)
    since = linked.clock.now()
    linked.clock.forward(timedelta(days=2))
    assert whats(seen(linked)) == []
    linked.clock.forward(1)
    (what,) = whats(seen(linked))
    assert what == f"Old rows have not been pruned to the end since {since:%Y-%m-%d %H:%M} UTC."
    prune(linked.db, policy, lambda _: False)
    assert whats(seen(linked)) == []


def test_a_legal_hold_is_shown_and_no_finding(linked: World) -> None:
    prune(linked.db, Policy({}), lambda _: False)
    placed = keeping.hold(linked.db, by="Ana", why="Matter 7")
    linked.clock.forward(timedelta(days=100))
    found = seen(linked)
    assert (list(found.legal_holds), whats(found)) == ([placed], [])
    keeping.release(linked.db, None, by="Ben")
    assert list(seen(linked).legal_holds) == []


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_silent_is_a_finding(world: World, part: str) -> None:
    others = [one for one in PARTS if one != part]
    beat(world, *others)
    never = condition(world.db)
    assert whats(never) == [f"No {part} is running."]
    beat(world, part)
    world.clock.forward(SILENT_AFTER)
    beat(world, *others)
    silent = condition(world.db)
    assert whats(silent) == [f"No {part} has been seen for a minute."]
    assert "`syncd up`" in silent.findings[0].remedy
    beat(world, part, instance="host:2")
    assert whats(condition(world.db)) == []


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_was_stopped_says_when_and_not_when_another_was_killed(world: World, part: str) -> None:
    others = [one for one in PARTS if one != part]
    beat(world, part, instance="killed")
    world.clock.forward(3_600)
    beat(world, part, *others)
    world.clock.forward(2)
    with world.db.write() as tx:
        stopped = world.db.now(tx)
        heartbeats.end(tx, "host:1", stopped)
    beat(world, *others)
    found = condition(world.db)
    assert (found.part(part).instances, found.part(part).stopped_at) == (0, stopped)
    assert whats(found) == [f"No {part} is running: the last one was stopped at 2026-11-21 13:00:02 UTC."]
    beat(world, part)
    again = condition(world.db)
    assert (again.part(part).instances, again.part(part).stopped_at) == (1, None)


def test_every_instance_of_a_part_is_counted_while_it_is_heard_of(world: World) -> None:
    beat(world, "worker", instance="a:1")
    world.clock.forward(30)
    beat(world, "worker", instance="a:2")
    beat(world, "worker", instance="b:1")
    assert _workers(world) == 3
    world.clock.forward(30)
    assert _workers(world) == 2
    world.clock.forward(heartbeats.KEPT)
    beat(world, "receiver", instance="c:1")
    assert _workers(world) == 0


@pytest.mark.parametrize("part", PARTS)
def test_of_a_part_that_has_been_gone_for_days_its_last_sign_of_life_is_told(world: World, part: str) -> None:
    others = [one for one in PARTS if one != part]
    beat(world, *PARTS)
    world.clock.forward(timedelta(days=3))
    beat(world, *others)
    found = condition(world.db)
    assert found.part(part).instances == 0
    assert whats(found) == [f"No {part} is running: the last one was seen at 2026-11-21 12:00:00 UTC."]


def _workers(world: World) -> int:
    return next(one.instances for one in condition(world.db).parts if one.part == "worker")


def test_a_daemon_tells_first_what_its_own_last_write_came_to(linked: World) -> None:
    linked.db.trouble = DiskFull(
        "The disk of the database is full (it says so); free some space, and it goes on by itself."
    )
    first = condition(linked.db).findings[0]
    assert first.what.startswith("The disk of the database is full (it says so). Meanwhile hooks are answered 503")
    assert first.remedy.startswith("Free some space on it")
    linked.comment(Side.CASE, "C-1", "one")
    assert not any("disk" in one.what for one in condition(linked.db).findings), "something was written"


def test_looking_changes_nothing(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    assert condition(linked.db) == condition(linked.db)
    assert linked.due() != []
