"""Two workers on the same shards at once: nothing twice, nothing lost, and neither waits for the other in a circle."""

from __future__ import annotations

import threading

import pytest

from syncd.core.changes import Field, Side, Status
from syncd.core.shard import SHARDS
from syncd.flow.crew import Crew
from syncd.store import arrivals
from tests.flow.world import WITHIN, World, work

LINKS = 12


def _work(crew: Crew, rounds: int, failed: list[BaseException]) -> None:
    try:
        for _ in range(rounds):
            work(crew, range(SHARDS))
    except BaseException as error:  # noqa: BLE001  It is shown by the test's own thread.
        failed.append(error)


def _together(world: World, *crews: Crew) -> None:
    failed: list[BaseException] = []
    threads = [threading.Thread(target=_work, args=(crew, 2, failed)) for crew in crews]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN)
    assert failed == []
    world.drain()


def test_two_crews_share_the_work(world: World) -> None:
    for number in range(LINKS):
        world.ask_for_incident(f"C-{number}")
    other = world.new_crew()
    _together(world, world.crew, other)
    assert world.incident.writes().count("open") == LINKS
    world.forget()
    cases = {world.link(ref).link.incident_id: ref for ref in world.case.kept}
    for incident, case in cases.items():
        world.act(Side.INCIDENT, incident, Field.STATUS, Status.ACKNOWLEDGED)
        world.comment(Side.CASE, case, "one")
        world.comment(Side.INCIDENT, incident, "two")
        world.comment(Side.CASE, case, "three")
    _together(world, world.crew, other)
    other.close(0.1)
    for incident, case in cases.items():
        assert world.case.record(case).status == Status.ACKNOWLEDGED
        assert sorted(world.case.texts(case)) == ["one", "three", "two"]
        assert world.incident.texts(incident)[-2:] == ["Ana (case): one", "Ana (case): three"]
    assert {outcome for _, outcome, _ in world.said()} == {"applied"}
    assert len(world.said()) == LINKS * 4


def test_a_later_hook_waits_for_an_earlier_one_that_another_worker_holds(linked: World) -> None:
    if linked.db.is_sqlite:
        pytest.skip("whoever writes to SQLite is alone")
    linked.comment(Side.INCIDENT, "I-1", "first")
    linked.comment(Side.INCIDENT, "I-1", "second")
    with linked.db.write() as other:
        assert len(arrivals.due(other, range(SHARDS), linked.clock.now(), 1)) == 1
        linked.crew.wake(range(SHARDS))
        linked.crew.turn()
        assert not linked.crew.is_out
    work(linked.crew, range(SHARDS))
    assert linked.case.texts("C-1") == ["first", "second"]
