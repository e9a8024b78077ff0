"""What wakes a crew, and what it looks at then."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

import pytest

from syncd.connections.tolls import Left
from syncd.core.changes import Field, Side, Status
from syncd.core.shard import SHARDS, shard_of
from syncd.flow import crew as crew_module
from syncd.flow.attempt import Attempted, NotBegun
from syncd.flow.crew import Crew, _Back, _Done
from syncd.systems.trip import Trip
from tests.flow.world import LIMITS, WITHIN, World, work


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


@pytest.fixture
def stuck(linked: World) -> Iterator[World]:
    """Several links, and an incident side that answers nothing until the end of the test."""
    for number in range(2, 10):
        linked.ask_for_incident(f"C-{number}")
    linked.drain()
    linked.forget()
    linked.incident.stuck = threading.Event()
    yield linked
    linked.incident.stuck.set()


def _turns_until_told(world: World, text: str) -> None:
    deadline = time.monotonic() + WITHIN
    while text not in world.case.texts("C-1"):
        assert time.monotonic() < deadline
        if world.crew.wait(0.1):
            world.crew.turn()


def test_an_account_that_hangs_keeps_no_other_waiting(stuck: World) -> None:
    """With more to be written there than it has lanes."""
    for number in range(1, 10):
        stuck.comment(Side.CASE, f"C-{number}", "to the one that hangs")
    stuck.comment(Side.INCIDENT, "I-1", "to the other")
    stuck.crew.wake(range(SHARDS))
    _turns_until_told(stuck, "to the other")
    assert stuck.crew.is_out
    assert stuck.incident.stuck is not None
    stuck.incident.stuck.set()
    work(stuck.crew, range(SHARDS))
    assert [stuck.incident.texts(ref) for ref in stuck.incident.kept].count(["Ana (case): to the one that hangs"]) == 8


def test_hooks_that_need_a_look_at_an_account_that_hangs_keep_no_other_waiting(stuck: World) -> None:
    """With more of them than one turn plans, and than are remembered."""
    for _ in range(40):
        for number in range(2, 10):
            stuck.point_at(Side.INCIDENT, f"I-{number}")
    stuck.comment(Side.INCIDENT, "I-1", "to the other")
    stuck.crew.wake(range(SHARDS))
    _turns_until_told(stuck, "to the other")


def test_a_crew_that_can_do_nothing_rests(stuck: World) -> None:
    for _ in range(40):
        for number in range(1, 10):
            stuck.point_at(Side.INCIDENT, f"I-{number}")
    stuck.crew.wake(range(SHARDS))
    turns = 0
    while stuck.crew.wait(0.2):
        stuck.crew.turn()
        turns += 1
    assert turns < 15, "each turn plans what it can, and then there is nothing but to wait"


def test_a_wish_given_back_unbegun_is_not_drafted_beside_itself(linked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    jobs = {job.stored.errand.side: job for job in linked.claim()}
    linked.case.meanwhile["fetch"] = lambda: linked.case.set("C-1", Field.PRIORITY, "P4")
    done = linked.attempt(jobs[Side.CASE])
    unbegun = Attempted(jobs[Side.INCIDENT], NotBegun(), Trip.begin("late", linked.clock.monotonic))
    for one in (done, unbegun):
        linked.crew._signals.put(one)
    said: list[str] = []
    monkeypatch.setattr(crew_module.log, "exception", lambda what, **_: said.append(what), raising=False)
    linked.crew.turn()
    linked.drain()
    assert said == []


class _Asked:
    """A lock that tells when somebody waits for it no longer than so long: whoever closes does."""

    def __init__(self) -> None:
        self._lock, self.is_waited_for = threading.Lock(), threading.Event()

    def acquire(self, timeout: float) -> bool:
        self.is_waited_for.set()
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class _AboutToSend(Crew):
    """Its turn has written down what it will send, and stands there until somebody waits for the end of that turn."""

    def __init__(self, world: World) -> None:
        super().__init__(world.db, world.connections, world.clock, LIMITS)
        self.has_claimed, self.turns = threading.Event(), _Asked()
        self._turns = self.turns  # type: ignore[assignment]  # as much of a lock as it uses

    def _in_one_transaction(self, awake: frozenset[int], back: Sequence[_Back], scarce: Mapping[str, Left]) -> _Done:
        done = super()._in_one_transaction(awake, back, scarce)
        if done.jobs:
            self.has_claimed.set()
            assert self.turns.is_waited_for.wait(WITHIN), "who closes does not wait for the turn"
        return done


def test_a_crew_that_closes_still_sends_what_a_turn_has_claimed(linked: World) -> None:
    """It was left to its lease, so that each end of a worker could put a change off by most of a minute."""
    crew = _AboutToSend(linked)
    linked.comment(Side.INCIDENT, "I-1", "at the last moment")
    crew.wake(range(SHARDS))
    turning = threading.Thread(target=crew.turn)
    turning.start()
    assert crew.has_claimed.wait(WITHIN)
    closing = threading.Thread(target=crew.close, args=(WITHIN,))
    closing.start()
    turning.join(WITHIN)
    closing.join(WITHIN)
    assert linked.case.texts("C-1") == ["at the last moment"]
    assert linked.said() == [("comment", "applied", "noted")]
