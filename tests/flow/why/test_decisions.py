"""Gates 6 to 11 of a system that runs: what was decided, what waits, what was refused, and what is in step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from syncd import errors
from syncd.core.changes import Actor, Field, FieldSeen, Side, Status
from syncd.core.policy import Winner
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.orders import parking, pausing, restraint
from syncd.store.tables_of_accounts import connectors
from tests.flow.why.asking import ask, last, stopped
from tests.flow.world import PAGERDUTY, World

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
    assert linked.incident.record("I-1").status is Status.RESOLVED
    assert not ask(linked).verdict.stops


# Mapping.


def test_a_priority_that_has_no_counterpart(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P5")
    linked.drain()
    said = stopped(linked, at=Gate.MAPPED)
    assert (said.sentence, said.who) == ("The value has no counterpart on the other side.", Who.YOU)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    assert not ask(linked).verdict.stops, "a later value that is mapped has settled it"


def test_a_priority_that_pagerduty_does_not_know(linked: World) -> None:
    gone = errors.Refused("PagerDuty has no such priority.", reason="unknown_priority", status=400)
    linked.incident.fail("set_priority", gone)
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    said = stopped(linked, at=Gate.MAPPED, code="SYN-PAG-PRIORITIES")
    assert said.command.startswith("syncd deliveries replay ")


def test_what_a_policy_does_not_follow(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(policy={"unacknowledged": "ignore"}))
    for status in (Status.ACKNOWLEDGED, Status.OPEN):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, status, BEN)
        linked.drain()
        linked.clock.forward(1)
    said = stopped(linked, at=Gate.MAPPED)
    assert said.command == "syncd connectors policy payments"


# Order.


def test_a_conflict_waits_for_a_person(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(policy={"priority": Winner.MANUAL}))
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


def test_a_change_behind_an_older_one_of_its_link(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana")
    say(linked, "first")
    say(linked, "second")
    held = [row["id"] for row in linked.rows() if row["outcome"] == "held"]
    linked.incident.fail("add_note", errors.Unreachable("Nobody answers."), times=9)
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.drain()
    said = stopped(linked, str(held[1]), at=Gate.IN_ORDER)
    assert said.sentence.startswith(
        "The comment waits behind an older comment of the same link, which has to go first: "
    )
    assert said.act is Act.LOOK
    (head,) = [row for row in linked.rows() if row["id"] == int(said.target)]
    assert head["detail"] in said.sentence
    of_link = stopped(linked, at=Gate.DELIVERED, code="SYN-PAG-NETWORK")
    assert "1 later change waits behind it" in of_link.sentence


def test_what_a_person_put_aside(linked: World) -> None:
    linked.incident.fail("add_note", errors.Refused("Too long.", status=400))
    say(linked)
    number = linked.last()["id"]
    parking.park(linked.db, [number], by="Ben", why="not wanted")
    said = stopped(linked, at=Gate.IN_ORDER)
    assert said.sentence == "The comment was put aside by a person and not sent: Parked by Ben: not wanted"
    assert said.command == f"syncd deliveries replay {said.target} --yes"


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


def test_a_rate_limit_during_a_major_incident(linked: World) -> None:
    for number in range(2, 5):
        linked.ask_for_incident(f"C-{number}")
        linked.drain()
    linked.incident.fail("add_note", errors.RateLimited("Slow down.", retry_after=40), times=9)
    for number in range(1, 5):
        linked.comment(Side.CASE, f"C-{number}", "Looking")
    linked.drain()
    said = stopped(linked, at=Gate.DELIVERED, code="SYN-PAG-BUSY")
    assert said.sentence.startswith(
        "pagerduty takes no more requests for now (rate limited); attempt 2 is made from 12:00:"
    )
    assert said.sentence.endswith(" UTC on; 4 changes are queued for it, and none is lost.")
    assert (said.who, said.remedy) == (Who.NOBODY, "There is nothing to do.")
    linked.incident.faults.clear()
    linked.wait(timedelta(seconds=71))
    assert not ask(linked).verdict.stops


def test_what_is_dead_names_the_replay(linked: World) -> None:
    linked.incident.fail("add_note", errors.Refused("The note is too long; shorten it.", status=400))
    say(linked)
    said = stopped(linked, at=Gate.DELIVERED)
    assert said.sentence == "The comment was refused for good at the first try: The note is too long."
    assert (said.who, said.act, said.target) == (Who.YOU, Act.REPLAY, str(linked.last()["id"]))
    assert said.command == f"syncd deliveries replay {said.target} --yes"
    linked.comment(Side.INCIDENT, "I-1", "another")
    linked.drain()
    assert stopped(linked, at=Gate.DELIVERED) == said, "what came through later does not hide it"


@pytest.mark.parametrize(
    ("error", "code", "who"),
    [
        (errors.Unreachable("Nobody answers."), "SYN-PAG-NETWORK", Who.YOU),
        (errors.Untrusted("PagerDuty at x is not trusted (self-signed)."), "SYN-PAG-TLS", Who.YOU),
        (errors.Unreachable("It answered 503.", status=503), "SYN-PAG-TROUBLE", Who.PAGERDUTY),
        (errors.Ambiguous("It answered 500.", status=500), "SYN-PAG-TROUBLE", Who.PAGERDUTY),
        (errors.Ambiguous("No answer came."), "", Who.NOBODY),
    ],
)
def test_what_could_not_be_written_yet(linked: World, error: errors.SideError, code: str, who: Who) -> None:
    linked.incident.fail("add_note", error)
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.plan()
    linked.settle(*(linked.attempt(job) for job in linked.claim()))
    said = stopped(linked, at=Gate.DELIVERED, code=code)
    assert said.who is who
    assert "attempt 2 is made from 12:00:" in said.sentence


def test_a_case_system_that_does_not_answer(linked: World) -> None:
    linked.case.fail("add_note", errors.Unreachable("Nobody answers."))
    linked.comment(Side.INCIDENT, "I-1", "Looking", BEN)
    linked.plan()
    linked.settle(*(linked.attempt(job) for job in linked.claim()))
    assert stopped(linked, at=Gate.DELIVERED, code="SYN-CASE-SYSTEM").command == "syncd doctor cases"


def test_a_record_that_cannot_be_looked_at_yet(linked: World) -> None:
    linked.incident.fail("fetch", errors.Unreachable("Nobody answers."), times=9)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert "its record could not be read yet: Nobody answers" in stopped(linked, at=Gate.DELIVERED).sentence


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
    assert "they could not be compared" in stopped(linked, at=Gate.IN_STEP, compare=True).sentence


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
