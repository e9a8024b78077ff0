"""A status that came to nothing, decided anew: what was kept back is not lost, and what was told is not told again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.orders import replaying, restraint
from tests.flow.world import CASES, PAGERDUTY, World

BEN = Actor("Ben")
REFUSED = errors.Refused("The far side says no.", status=400)


def _replay(world: World, *numbers: int) -> None:
    replaying.replay(world.db, world.connections, numbers, by="Eve")
    world.drain()


def _observe(world: World) -> None:
    restraint.observe(world.db, PAGERDUTY, by="Ana")


def _write_again(world: World) -> None:
    restraint.write_again(world.db, PAGERDUTY, by="Ana")


def _pause(world: World) -> None:
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="a move")


def _resume(world: World) -> None:
    restraint.resume(world.db, PAGERDUTY, by="Ana")


def _refuse(world: World) -> None:
    world.incident.fail("set_status", REFUSED)


def _replay_the_resolve(world: World) -> None:
    _replay(world, *(row["id"] for row in world.rows() if (row["change"], row["outcome"]) == ("resolve", "failed")))


KEPT_BACK = [(_pause, _resume), (_observe, _write_again), (_refuse, _replay_the_resolve)]


def _resolved_and_closed(world: World, *between: Status) -> None:
    for status in (Status.RESOLVED, *between, Status.CLOSED):
        world.act(Side.CASE, "C-1", Field.STATUS, status)
        world.drain()


@pytest.mark.parametrize(("keep_back", "let_go"), KEPT_BACK)
def test_a_resolve_that_was_kept_back_is_made_though_its_case_was_closed_since(
    linked: World, keep_back: Callable[[World], None], let_go: Callable[[World], None]
) -> None:
    keep_back(linked)
    _resolved_and_closed(linked)
    let_go(linked)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.RESOLVED
    is_told_of_the_closing = keep_back is _refuse  # It was still open when that note's turn came.
    assert len(linked.incident.texts("I-1")) == is_told_of_the_closing


@pytest.mark.parametrize(("keep_back", "let_go"), KEPT_BACK)
def test_a_resolve_that_was_taken_back_before_its_case_was_closed_is_not_made(
    linked: World, keep_back: Callable[[World], None], let_go: Callable[[World], None]
) -> None:
    """A closing alone resolves no incident."""
    keep_back(linked)
    _resolved_and_closed(linked, Status.OPEN)
    let_go(linked)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.OPEN


def test_a_resolve_of_both_is_not_made_once_more_over_people_who_have_reopened_the_incident(linked: World) -> None:
    _refuse(linked)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    for status in (Status.RESOLVED, Status.OPEN):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, status, BEN)
        linked.drain()
    _replay_the_resolve(linked)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.OPEN


def test_the_old_hook_of_a_case_that_is_closed_by_now_tells_it_nothing_however_often_it_is_replayed(
    linked: World,
) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    (row,) = [one for one in linked.rows() if one["errand_id"] is None and one["change"] == "acknowledge"]
    assert row["outcome"] == "suppressed"
    linked.wait(3600)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    before = linked.case.texts("C-1")
    for _ in range(2):
        linked.wait(60)
        _replay(linked, row["id"])
        assert linked.said()[-1][1:] == ("suppressed", "stale")
    assert linked.case.texts("C-1") == before


def _refused(world: World, side: Side, *statuses: Status) -> list[int]:
    """The deliveries of these statuses of the one side, each of which the other has refused."""
    numbers = []
    for status in statuses:
        (world.incident if side is Side.CASE else world.case).fail("set_status", REFUSED)
        world.act(side, "C-1" if side is Side.CASE else "I-1", Field.STATUS, status)
        world.drain()
        numbers.append(int(world.last()["id"]))
    return numbers


def _close(world: World) -> None:
    world.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    world.drain()


def _closings(world: World) -> list[str]:
    return [text for text in world.incident.texts("I-1") if "closed case" in text]


def test_a_closing_is_not_told_once_more_by_the_replay_of_an_acknowledge_before_it(linked: World) -> None:
    numbers = _refused(linked, Side.CASE, Status.ACKNOWLEDGED)
    _close(linked)
    assert len(_closings(linked)) == 1
    (answer,), _ = replaying.replay(linked.db, linked.connections, numbers, by="Eve")
    linked.drain()
    assert (answer.is_going, len(_closings(linked))) == (False, 1)


def test_a_closing_is_not_told_once_more_by_the_replay_of_all_that_was_refused_before_it(linked: World) -> None:
    numbers = _refused(linked, Side.CASE, Status.ACKNOWLEDGED, Status.RESOLVED)
    _close(linked)
    _replay(linked, *numbers)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.RESOLVED
    assert len(_closings(linked)) == 1


def test_a_closing_that_was_only_observed_is_told_by_no_status_of_then_but_by_its_own_replay(linked: World) -> None:
    _observe(linked)
    for status in (Status.ACKNOWLEDGED, Status.OPEN, Status.ACKNOWLEDGED, Status.CLOSED):
        linked.act(Side.CASE, "C-1", Field.STATUS, status)
        linked.drain()
    (closing,) = [row["id"] for row in linked.rows() if row["action"] == "closing_note"]
    _write_again(linked)
    linked.wait(60)
    assert linked.incident.texts("I-1") == []
    _replay(linked, closing)
    assert len(_closings(linked)) == 1


RESOLVED_AFTER_IT_WAS_CLOSED = "Ana (PagerDuty) resolved the incident. The case is closed, so its status stays."


@pytest.mark.parametrize("is_at_once", [True, False])
def test_of_what_was_refused_before_its_closing_a_case_is_told_only_where_the_incident_stands(
    linked: World, *, is_at_once: bool
) -> None:
    steps = (Status.ACKNOWLEDGED, Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED)
    numbers = _refused(linked, Side.INCIDENT, *steps)
    _close(linked)
    for some in [numbers] if is_at_once else [[one] for one in reversed(numbers)]:
        _replay(linked, *some)
    assert linked.case.texts("C-1") == [RESOLVED_AFTER_IT_WAS_CLOSED]


def test_of_what_was_observed_before_its_closing_a_case_is_told_only_where_the_incident_stands(linked: World) -> None:
    restraint.observe(linked.db, CASES, by="Ana")
    for status in (Status.ACKNOWLEDGED, Status.RESOLVED):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, status)
        linked.drain()
    _close(linked)
    restraint.write_again(linked.db, CASES, by="Ana")
    linked.wait(60)
    assert linked.case.texts("C-1") == [RESOLVED_AFTER_IT_WAS_CLOSED]


def test_what_a_closed_case_was_told_already_no_replay_of_the_same_change_tells_it_again(linked: World) -> None:
    """The incident was resolved, reopened and resolved again; only the first of that met an open case."""
    numbers = _refused(linked, Side.INCIDENT, Status.RESOLVED)
    _close(linked)
    for status in (Status.OPEN, Status.RESOLVED):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, status)
        linked.drain()
    before = linked.case.texts("C-1")
    assert before.count(RESOLVED_AFTER_IT_WAS_CLOSED) == 1
    _replay(linked, *numbers)
    assert linked.case.texts("C-1") == before


def _say_resolved(world: World, words: str) -> int:
    """The first delivery of this resolution note."""
    before = len(world.rows())
    world.incident.note("I-1", f"Resolution Note: {words}", BEN)
    world.point_at(Side.INCIDENT, "I-1")
    world.drain()
    return int(world.rows()[before]["id"])


def test_a_resolution_note_that_was_said_in_words_as_the_case_was_closed_is_not_said_again(linked: World) -> None:
    restraint.pause(linked.db, CASES, by="Ana", why="a move")
    number = _say_resolved(linked, "restarted")
    _close(linked)
    restraint.resume(linked.db, CASES, by="Ana")
    linked.drain()
    assert linked.case.texts("C-1") == ["Ben (PagerDuty): Resolution Note: restarted"]
    _replay(linked, number)
    assert len(linked.case.texts("C-1")) == 1


def test_of_resolution_notes_that_were_refused_a_closed_case_is_told_the_last(linked: World) -> None:
    linked.case.fail("set_resolution_note", REFUSED, times=2)
    numbers = [_say_resolved(linked, words) for words in ("restarted", "replaced")]
    _close(linked)
    _replay(linked, *numbers)
    assert linked.case.texts("C-1") == ["Resolution Note: replaced"]


def test_a_later_resolution_note_that_a_closed_case_was_told_is_not_said_by_the_replay_of_one_before(
    linked: World,
) -> None:
    linked.case.fail("set_resolution_note", REFUSED)
    number = _say_resolved(linked, "restarted")
    _close(linked)
    _say_resolved(linked, "replaced")
    _replay(linked, number)
    assert linked.case.texts("C-1") == ["Resolution Note: replaced"]
