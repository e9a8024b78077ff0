"""Gates 6 to 11 of a system that runs: what was decided, what waits, what was refused, and what is in step."""

from __future__ import annotations

from datetime import timedelta

from syncd import errors
from syncd.core.changes import Actor, Field, FieldSeen, Side, Status
from syncd.core.policy import Winner
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.attempt import Attempted, NotBegun
from syncd.flow.orders import choosing, restraint
from syncd.systems.trip import Trip
from tests.flow.status.told import beat
from tests.flow.why.asking import ask, last, stopped
from tests.flow.world import CONNECTOR, PAGERDUTY, World

BEN = Actor("Ben")


def close(world: World) -> None:
    for status in (Status.RESOLVED, Status.CLOSED):
        world.act(Side.CASE, "C-1", Field.STATUS, status)
        world.clock.forward(1)
    world.drain()


def say(world: World, words: str = "Looking") -> None:
    world.comment(Side.CASE, "C-1", words)
    world.drain()


# State.


def test_a_closed_case_follows_its_incident_no_more(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    said = stopped(linked, at=Gate.STATE)
    assert said.sentence == "C-1 is closed, so what people do to I-1 is kept on it as a comment and changes nothing."
    assert said.who is Who.NOBODY
    assert ask(linked, str(linked.last()["id"])).verdict.sentence.startswith("The acknowledge came through: ")


def test_a_case_that_is_closed_while_a_change_is_on_its_way_to_it(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH", BEN)
    linked.plan()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    assert stopped(linked, last(linked, "case_closed"), at=Gate.STATE).who is Who.NOBODY


def test_a_case_that_was_closed_with_its_incident_over_is_in_step(linked: World) -> None:
    close(linked)
    said = ask(linked, last(linked, "not_needed")).verdict.sentence
    assert said.startswith("Nothing was written for the close: by the time its turn came nothing was left to do")
    assert linked.incident.record("I-1").status is Status.RESOLVED
    assert not ask(linked).verdict.stops


# Mapping.


def test_a_priority_that_has_no_counterpart(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P5")
    linked.drain()
    said = stopped(linked, at=Gate.MAPPED)
    assert (said.sentence, said.who) == (
        "Priority P5 of cases has no counterpart in pagerduty (connector payments).",
        Who.YOU,
    )
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    assert not ask(linked).verdict.stops, "a later value that is mapped has settled it"


def test_what_a_policy_does_not_follow(linked: World) -> None:
    choosing.choose(linked.db, CONNECTOR, {"unacknowledged": "ignore"}, by="Ana")
    for status in (Status.ACKNOWLEDGED, Status.OPEN):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, status, BEN)
        linked.drain()
        linked.clock.forward(1)
    said = stopped(linked, at=Gate.MAPPED)
    assert said.command == "syncd connectors policy payments"


# Order.


def test_a_conflict_waits_for_a_person(linked: World) -> None:
    choosing.choose(linked.db, CONNECTOR, {"priority": Winner.MANUAL}, by="Ana")
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", BEN)
    linked.drain()
    said = stopped(linked, at=Gate.IN_ORDER)
    assert said.sentence == (
        "Both sides changed the priority at once (case: P1; incident: MIDDLE), and it waits for a person to decide."
    )
    assert (said.act, said.target) == (Act.DECIDE_CONFLICT, "1/priority")
    assert said.command == "syncd conflicts resolve 1 priority --to case"
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    assert stopped(linked, at=Gate.CONNECTED).act is Act.RESUME_ACCOUNT, "of two causes the first gate is named"


def test_stale_news(linked: World) -> None:
    old = FieldSeen(Field.STATUS, Status.ACKNOWLEDGED, BEN, linked.clock.now() - timedelta(minutes=5))
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.drain()
    linked.tell(Side.INCIDENT, "I-1", old)
    linked.drain()
    said = stopped(linked, last(linked, "stale"), at=Gate.IN_ORDER)
    assert (said.sentence, said.who) == ("Newer news about the same field was known when this arrived.", Who.NOBODY)
    assert not ask(linked).verdict.stops


# Delivery.


def test_a_record_that_cannot_be_looked_at_yet(linked: World) -> None:
    linked.incident.fail("fetch", errors.Unreachable("Nobody answers."), times=9)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert "its record could not be read yet: Nobody answers" in stopped(linked, at=Gate.DELIVERED).sentence


def test_what_the_budget_has_put_off_before_anything_was_sent(linked: World) -> None:
    """Another request had met the limit."""
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    (job,) = linked.claim()
    at = f"{linked.clock.now() + timedelta(seconds=30):%H:%M:%S}"
    linked.settle(Attempted(job, NotBegun(30.0), Trip.begin("e1", linked.clock.monotonic)))
    said = stopped(linked, at=Gate.DELIVERED, code="SYN-PAG-BUSY")
    assert said.sentence == (
        f"pagerduty takes no more requests for now (rate limited); its turn comes from {at} UTC on; 1 change is queued for it, and "
        "none is lost."
    )
    assert said.who is Who.NOBODY
    linked.wait(timedelta(seconds=31))
    assert not ask(linked).verdict.stops


def test_what_nobody_has_taken_though_workers_run(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    at = f"{linked.clock.now():%H:%M:%S}"
    linked.clock.forward(90)
    beat(linked, "worker")
    said = stopped(linked, at=Gate.DELIVERED)
    assert said.sentence == (
        f"The comment waits for its turn since {at} UTC, and workers run: where pagerduty limits how often it is asked, that is "
        "why; 1 change is queued for it, and none is lost."
    )
    assert said.who is Who.NOBODY


def test_what_is_being_written_right_now(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Looking")
    assert "looked at within seconds" in stopped(linked, at=Gate.DELIVERED).sentence
    linked.plan()
    assert "its turn comes within seconds" in stopped(linked, at=Gate.DELIVERED).sentence
    jobs = linked.claim()
    assert "is being written right now (attempt 1)" in stopped(linked, at=Gate.DELIVERED).sentence
    linked.settle(*(linked.attempt(job) for job in jobs))
    assert not ask(linked).verdict.stops


# In step.


def test_what_came_through_says_so(linked: World) -> None:
    say(linked)
    verdict = ask(linked, str(linked.last()["id"])).verdict
    assert (verdict.gate, verdict.stops) == (Gate.IN_STEP, False)
    assert verdict.sentence == "The comment came through: The text was added on the other side."


def test_reading_both_sides_finds_what_nobody_has_told(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    assert not ask(linked).verdict.stops, "nobody here knows of it"
    said = stopped(linked, at=Gate.IN_STEP, compare=True)
    assert said.sentence == "C-1 and I-1 differ, as was read just now: status (case: open; incident: acknowledged)."
    assert said.command == "syncd links repair --since 1d --deep"
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    answer = ask(linked, compare=True)
    assert (answer.verdict.stops, answer.was_compared) == (False, True)
    linked.incident.fail("fetch", errors.Unreachable("Nobody answers."))
    answer = ask(linked, compare=True)
    assert (answer.verdict.gate, answer.was_compared) == (Gate.IN_STEP, False), "nothing was read"
    assert "they could not be compared" in answer.verdict.sentence


def test_a_comparison_that_failed_is_told_also_where_an_earlier_gate_answers(linked: World) -> None:
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    linked.incident.fail("fetch", errors.Unreachable("Nobody answers."))
    answer = ask(linked, compare=True)
    assert (answer.verdict.gate, answer.was_compared) == (Gate.CONNECTED, False)
    assert answer.verdict.sentence.startswith("Integration pagerduty is paused by Ana: a move")
    assert answer.verdict.sentence.endswith("; try again later.")
    assert (
        " Both sides could not be compared now: The incident I-1 cannot be read now (Nobody answers)"
        in answer.verdict.sentence
    )
    assert "compared" not in ask(linked).verdict.sentence


def test_the_path_tells_what_happened_in_order(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("Nobody answers."))
    linked.clock.forward(1)
    say(linked)
    linked.wait(timedelta(seconds=3))
    steps = [(one.kind, one.what, one.outcome, one.attempt) for one in ask(linked).path][-3:]
    assert steps == [
        ("hook", "event", "", 0),
        ("attempt", "comment", "retrying", 1),
        ("attempt", "comment", "applied", 2),
    ]
