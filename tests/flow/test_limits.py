"""What no table was made for must not stop a turn: it would stop every link of every system."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd import errors
from syncd.core.changes import Side
from syncd.errors import Ambiguous
from tests.flow.far_side import US
from tests.flow.world import LANDED, World

WORDS = "Ana (case): once"


def test_what_was_held_for_months_goes_out(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unauthorised("The key was revoked."))
    linked.incident.fail("check", errors.Unauthorised("The key was revoked."))
    linked.comment(Side.CASE, "C-1", "once")
    linked.drain()
    linked.clock.forward(timedelta(days=200))
    linked.comment(Side.INCIDENT, "I-1", "another")
    for _ in range(4):
        linked.wait(timedelta(seconds=61))
    assert linked.incident.texts("I-1").count(WORDS) == 1
    assert linked.case.texts("C-1") == ["once", "another"]
    assert max(row["e2e_ms"] or 0 for row in linked.rows()) > 2**31


def test_an_error_that_no_database_can_keep_is_shown_with_a_mark(linked: World) -> None:
    linked.incident.fail("add_note", errors.Refused("It says \x00 and \ud800.", status=400))
    linked.comment(Side.CASE, "C-1", "once")
    linked.drain()
    assert linked.last()["detail"] == "It says \N{REPLACEMENT CHARACTER} and \N{REPLACEMENT CHARACTER}."


def test_a_row_that_cannot_be_written_stops_no_other(linked: World) -> None:
    """A fault of ours, wherever it is: the turn is made once more with each row by itself."""
    linked.comment(Side.INCIDENT, "I-1", "one")
    linked.comment(Side.CASE, "C-1", "two")
    linked.plan()
    jobs = linked.claim()
    for job in jobs:
        broken = replace(job.stored, by_name={"no": "text"})  # type: ignore[arg-type]  # What a table refuses.
        done = linked.attempt(job)
        linked.crew._signals.put(replace(done, job=replace(job, stored=broken)) if job is jobs[0] else done)
    linked.crew.turn()
    assert linked.case.texts("C-1") == ["two", "one"]
    assert linked.incident.texts("I-1") == ["one", "Ana (case): two"]


def test_a_far_clock_that_is_slow_doubles_nothing(linked: World) -> None:
    now = linked.incident._now
    linked.incident._now = lambda: now() - timedelta(minutes=20)  # type: ignore[method-assign]  # Their clock.
    linked.incident.fail("add_note", Ambiguous("No answer."), lands=True)
    linked.comment(Side.CASE, "C-1", "once")
    linked.drain()
    for _ in range(3):
        linked.wait(LANDED)
    assert linked.incident.texts("I-1") == [WORDS]


def test_the_hook_of_our_own_note_by_a_slow_clock_is_an_echo(linked: World) -> None:
    now = linked.incident._now
    linked.incident._now = lambda: now() - timedelta(minutes=20)  # type: ignore[method-assign]  # Their clock.
    linked.comment(Side.CASE, "C-1", "once")
    linked.plan()
    (job,) = linked.claim()
    done = linked.attempt(job)
    note = linked.incident.kept["I-1"].notes[-1]
    linked.tell(Side.INCIDENT, "I-1", replace(linked.incident.heard(note), by=US))
    linked.plan()
    linked.settle(done)
    linked.drain()
    assert linked.case.texts("C-1") == ["once"]


def test_a_write_that_waited_for_a_lane_and_landed_late_is_not_repeated(linked: World) -> None:
    """It began two seconds after its claim, took ten, and landed thirty after that."""
    late = linked.clock.now() + timedelta(seconds=41.9)
    linked.incident.fail("add_note", Ambiguous("No answer."))
    linked.comment(Side.CASE, "C-1", "once")
    linked.plan()
    (job,) = linked.claim()
    linked.clock.forward(1.9)
    done = linked.attempt(job)
    linked.clock.forward(10)
    linked.settle(done)
    while linked.clock.now() < late:
        linked.clock.forward(0.5)
        linked.drain()
    linked.incident._add("I-1", WORDS, "syncd", is_ours=True)
    for _ in range(3):
        linked.wait(LANDED)
    assert linked.incident.texts("I-1") == [WORDS]
