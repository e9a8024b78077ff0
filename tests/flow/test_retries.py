"""When an errand is tried again: the rows, compared with the table of caps."""

from __future__ import annotations

from datetime import timedelta

from syncd import errors
from syncd.core import retry
from syncd.core.changes import Side
from tests.flow.world import World

TRIES = 10


def _failing(world: World, error: errors.SideError) -> list[timedelta]:
    """The waits between one failure and the next try, as the rows tell them."""
    world.incident.fail("add_note", error, times=TRIES)
    world.incident.fail("check", error, times=1000)
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    for number in range(1, TRIES + 1):
        row = world.last()
        assert (row["attempt"], row["outcome"]) == (number, "retrying")
        world.wait(row["next_attempt_at"] - world.clock.now())
    failed = [row for row in world.rows() if row["outcome"] == "retrying"]
    return [row["next_attempt_at"] - row["recorded_at"] for row in failed]


def test_waits_are_drawn_under_the_caps_and_never_end(linked: World) -> None:
    waits = _failing(linked, errors.Unreachable("No connection."))
    caps = (*retry.CAPS, *[retry.CAPS[-1]] * TRIES)
    assert len(waits) == TRIES
    assert all(timedelta(0) <= wait <= cap for wait, cap in zip(waits, caps, strict=False))
    assert len(set(waits)) > 1
    assert linked.incident.texts("I-1") == ["Ana (case): one"]
    assert linked.last()["outcome"] == "applied"


def test_without_an_answer_no_try_comes_before_the_write_can_have_landed(linked: World) -> None:
    waits = _failing(linked, errors.Ambiguous("No answer."))
    assert min(waits) >= retry.LANDS_WITHIN - timedelta(seconds=0.01)
    # Each of the later tries has looked before it wrote.
    assert [call.op for call in linked.incident.calls][:4] == ["add_note", "notes", "add_note", "notes"]


def test_no_retry_is_made_before_its_time(linked: World) -> None:
    linked.incident.fail("add_note", errors.RateLimited("Slow down.", retry_after=100))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    for _ in range(9):
        linked.wait(10)
    assert len(linked.incident.calls) == 1
