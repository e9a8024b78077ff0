"""Hooks of an incident that a case here is opening wait for the answer: none of them is said to be of nobody, and none is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd import errors
from syncd.clock import StoppedClock
from syncd.core.changes import Field, FieldSeen, Side, Status
from syncd.core.link import LinkState
from syncd.flow.attempt import Attempted
from syncd.store.database import Database
from syncd.store.tables import metadata
from tests.flow.far_side import US
from tests.flow.test_opening import NOBODY_ON_CALL
from tests.flow.why.asking import ask, last
from tests.flow.world import LANDED, NOON, World

TRIGGERED, ACKNOWLEDGED, NOTE, ANSWER = "triggered", "acknowledged", "note", "answer"


def _opened(world: World) -> Attempted:
    """It stands over there, and the answer is still on its way."""
    world.ask_for_incident()
    world.plan()
    (job,) = world.claim()
    return world.attempt(job)


def _triggered(world: World, ref: str = "I-1") -> None:
    seen = FieldSeen(Field.STATUS, Status.OPEN, US, world.incident.record(ref).at)
    world.tell(Side.INCIDENT, ref, seen, kind="triggered")


def _comes(world: World, what: str, answer: Attempted) -> None:
    match what:
        case "triggered":
            _triggered(world)
        case "acknowledged":
            world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
        case "note":
            world.comment(Side.INCIDENT, "I-1", "On it.")
        case _:
            world.settle(answer)
    world.drain()


def _reasons(world: World) -> list[str]:
    return [reason for _, _, reason in world.said()]


@pytest.mark.parametrize("order", [(TRIGGERED, ANSWER), (ANSWER, TRIGGERED)], ids=["hook-first", "answer-first"])
def test_our_own_incident_is_never_said_to_be_of_nobody(world: World, order: tuple[str, str]) -> None:
    answer = _opened(world)
    for what in order:
        _comes(world, what, answer)
    assert "unlinked" not in _reasons(world)
    (echo,) = [row for row in world.rows() if row["reason"] == "echo"]
    assert (echo["case_id"], echo["incident_id"]) == ("C-1", "I-1")


def test_what_waits_says_for_which_case_and_only_once(world: World) -> None:
    answer = _opened(world)
    _comes(world, TRIGGERED, answer)
    for _ in range(3):
        world.clock.forward(61)
        world.drain()
    (row,) = world.rows()
    assert (row["outcome"], row["reason"], row["case_id"], row["incident_id"]) == ("held", "opening", "C-1", "I-1")
    with pytest.raises(errors.NotFound):
        ask(world, "incident:I-1", within={"another"})
    told = ask(world, last(world, "opening"))
    assert (told.case_id, ask(world, "incident:I-1").case_id) == ("C-1", "C-1")
    assert "being written right now" in told.verdict.sentence
    world.settle(answer)
    world.drain()
    assert "our own change coming back" in ask(world, last(world, "opening")).verdict.sentence


@pytest.mark.parametrize("waits", [timedelta(seconds=2), timedelta(hours=3)], ids=["seconds", "hours"])
def test_what_people_did_meanwhile_is_carried_over_however_long_the_answer_takes(
    world: World, waits: timedelta
) -> None:
    answer = _opened(world)
    for what in (TRIGGERED, NOTE, ACKNOWLEDGED):
        _comes(world, what, answer)
    world.clock.forward(waits)
    world.drain()
    _comes(world, ANSWER, answer)
    assert world.in_step().status == Status.ACKNOWLEDGED
    assert world.case.texts("C-1") == ["On it."]
    assert "unlinked" not in _reasons(world)


def test_an_opening_without_an_answer_is_found_and_its_hooks_with_it(world: World) -> None:
    world.incident.fail("open", errors.Ambiguous("No answer."), lands=True)
    world.ask_for_incident()
    world.drain()
    world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    assert _reasons(world)[-1] == "opening"
    world.wait(LANDED)
    assert world.in_step().status == Status.ACKNOWLEDGED
    assert "unlinked" not in _reasons(world)


def test_an_opening_that_fails_in_the_end_leaves_what_waited_decided(world: World) -> None:
    """By then the incident that was told of is of nobody here."""
    world.incident.fail("open", errors.Ambiguous("No answer."), lands=True)
    world.ask_for_incident()
    world.drain()
    _triggered(world)
    world.comment(Side.INCIDENT, "I-1", "Whose is this?")
    world.comment(Side.INCIDENT, "I-1", "Anybody?")
    world.drain()
    assert _reasons(world)[-3:] == ["opening"] * 3
    world.incident.kept["I-1"].key = ""  # Nothing is found under it, and a second one is refused.
    world.incident.fail("open", NOBODY_ON_CALL)
    world.wait(LANDED)
    world.wait(61)  # Those that came later are given up with the first.
    assert world.link().link.state is LinkState.FAILED
    assert _reasons(world).count("unlinked") == 3
    assert world.due() == []
    assert "Nobody is on call" in ask(world, last(world, "opening")).verdict.sentence


def test_an_incident_of_somebody_else_is_told_at_once(world: World) -> None:
    _opened(world)
    world.incident.put("I-9")
    world.incident.kept["I-9"].key = "somebody-else"
    _triggered(world, "I-9")
    world.comment(Side.INCIDENT, "I-9", "Not ours.")
    world.drain()
    assert _reasons(world) == ["unlinked", "unlinked"]


def test_a_row_without_a_link_answers_for_the_link_that_is_there_by_now(world: World) -> None:
    answer = _opened(world)
    _comes(world, NOTE, answer)  # Nothing in it says whose it is.
    assert _reasons(world) == ["unlinked"]
    assert "open a case for it" in ask(world, last(world, "unlinked")).verdict.remedy
    world.settle(answer)
    world.drain()
    told = ask(world, last(world, "unlinked"))
    assert (told.case_id, told.incident_id) == ("C-1", "I-1")
    assert "came through" in told.verdict.sentence


def test_an_old_row_without_a_link_answers_for_how_its_link_stands(world: World) -> None:
    answer = _opened(world)
    _comes(world, NOTE, answer)
    world.clock.forward(timedelta(minutes=11))
    world.settle(answer)
    world.drain()
    told = ask(world, last(world, "unlinked"))
    assert (told.link, told.case_id) == (world.link().id, "C-1")
    assert "No case here opened" not in told.verdict.sentence


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([TRIGGERED, ACKNOWLEDGED, NOTE, ANSWER]).filter(lambda one: one.index(TRIGGERED) < 3))
def test_whatever_comes_first_nothing_is_lost_or_denied(database_url: str, order: list[str]) -> None:
    clock = StoppedClock(NOON)
    db = Database(database_url, clock, is_alone=True)
    with db.write() as tx:
        for table in reversed(metadata.sorted_tables):
            tx.execute(table.delete())
    world = World(db, clock)
    try:
        answer = _opened(world)
        for what in order:
            _comes(world, what, answer)
        world.wait(1)
        assert world.in_step().status == Status.ACKNOWLEDGED
        assert world.case.texts("C-1") == ["On it."]
        if order.index(NOTE) > order.index(TRIGGERED):
            assert "unlinked" not in _reasons(world)
    finally:
        world.close()
        db.close()
