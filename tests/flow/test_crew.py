"""What wakes a crew, and what it looks at then."""

from __future__ import annotations

from collections.abc import Collection

from syncd.core.changes import Side
from syncd.core.shard import SHARDS, shard_of
from syncd.flow.crew import Crew
from tests.flow.world import LIMITS, World, work


def test_marks_are_cleared_before_the_look(linked: World) -> None:
    """Whoever writes before that finds the mark standing and does not ring; whoever writes after it does."""
    cleared: list[Collection[int]] = []

    def clear(shards: Collection[int]) -> None:
        cleared.append(shards)
        linked.comment(Side.INCIDENT, "I-1", "written at the last moment")

    crew = Crew(linked.db, linked.connections, linked.clock, LIMITS, clear)
    crew.rung([shard_of("I-1")])
    crew.turn()
    assert cleared == [{shard_of("I-1")}]
    work(crew, ())
    crew.close(0)
    assert linked.case.texts("C-1") == ["written at the last moment"]


def test_what_wakes_itself_clears_no_marks(linked: World) -> None:
    cleared: list[Collection[int]] = []
    linked.comment(Side.INCIDENT, "I-1", "one")
    crew = Crew(linked.db, linked.connections, linked.clock, LIMITS, cleared.append)
    work(crew, range(SHARDS))
    crew.close(0)
    assert linked.case.texts("C-1") == ["one"]
    assert cleared == []
