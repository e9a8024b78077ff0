"""Gates 9 and 10 of a case whose incident is in the simulated PagerDuty, which refuses, limits or fails what is written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.core.changes import Side
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.orders import parking, pausing
from tests.flow.simulated import Simulated
from tests.flow.why.asking import ask, stopped
from tests.flow.world import World

POSTED = ("POST", "/incidents/*/notes")


def say(world: World, words: str = "Looking") -> None:
    world.comment(Side.CASE, "C-1", words)
    world.drain()


def refuse(scene: Simulated) -> None:
    scene.lay(POSTED, status=400, code=2001, message="Content is too long")
    say(scene.world)


def test_a_change_behind_an_older_one_of_its_link(scene: Simulated) -> None:
    world = scene.world
    pausing.pause(world.db, world.link().id, by="Ana")
    say(world, "first")
    say(world, "second")
    held = [row["id"] for row in world.rows() if row["outcome"] == "held"]
    scene.lay(POSTED, status=503, count=0)
    pausing.resume(world.db, world.link().id, by="Ana")
    world.drain()
    said = stopped(world, f"delivery:{held[1]}", at=Gate.IN_ORDER)
    assert said.sentence.startswith(
        "The comment waits behind an older comment of the same link, which has to go first: "
    )
    assert said.act is Act.LOOK
    (head,) = [row for row in world.rows() if row["id"] == int(said.target)]
    assert head["detail"] in said.sentence
    of_link = stopped(world, at=Gate.DELIVERED, code="SYN-PAG-TROUBLE")
    assert "1 later change waits behind it" in of_link.sentence


def test_what_a_person_put_aside(scene: Simulated) -> None:
    refuse(scene)
    number = scene.world.last()["id"]
    parking.park(scene.world.db, [number], by="Ben", why="not wanted")
    said = stopped(scene.world, at=Gate.IN_ORDER)
    assert said.sentence == "The comment was put aside by a person and not sent: Parked by Ben: not wanted"
    assert said.command == f"syncd deliveries replay {said.target} --yes"


def test_a_rate_limit_during_a_major_incident(scene: Simulated) -> None:
    world = scene.world
    for number in range(2, 5):
        world.ask_for_incident(f"C-{number}")
        world.drain()
    scene.lay(POSTED, status=429, retry_after_s=40, count=0)
    for number in range(1, 5):
        world.comment(Side.CASE, f"C-{number}", "Looking")
    world.drain()
    said = stopped(world, at=Gate.DELIVERED, code="SYN-PAG-BUSY")
    assert said.sentence.startswith(
        "pagerduty takes no more requests for now (rate limited); attempt 2 is made from 12:00:"
    )
    assert said.sentence.endswith(" UTC on; 4 changes are queued for it, and none is lost.")
    assert (said.who, said.remedy) == (Who.NOBODY, "There is nothing to do.")
    scene.sim.faults.clear()
    world.wait(timedelta(seconds=71))
    assert not ask(world).verdict.stops


def test_what_is_dead_names_the_replay(scene: Simulated) -> None:
    refuse(scene)
    said = stopped(scene.world, at=Gate.DELIVERED)
    because = f"PagerDuty answered 400 to POST /incidents/{scene.incident.id}/notes: Content is too long (code 2001)"
    assert said.sentence == f"The comment was refused for good at the first try: {because}."
    assert (said.who, said.act, said.target) == (Who.YOU, Act.REPLAY, str(scene.world.last()["id"]))
    assert said.command == f"syncd deliveries replay {said.target} --yes"
    say(scene.world, "another")
    assert stopped(scene.world, at=Gate.DELIVERED) == said, "what came through later does not hide it"


@pytest.mark.parametrize(
    ("fault", "code", "who"),
    [
        ({"status": 503}, "SYN-PAG-TROUBLE", Who.PAGERDUTY),
        ({"status": 500}, "SYN-PAG-TROUBLE", Who.PAGERDUTY),
        ({"cut": True}, "", Who.NOBODY),
    ],
)
def test_what_could_not_be_written_yet(scene: Simulated, fault: dict[str, object], code: str, who: Who) -> None:
    scene.lay(POSTED, **fault)
    say(scene.world)
    said = stopped(scene.world, at=Gate.DELIVERED, code=code)
    assert said.who is who
    assert "is made from 12:0" in said.sentence


def test_later_changes_of_a_case_without_an_incident_follow_it(scene: Simulated) -> None:
    world = scene.world
    scene.sim.people.set_on_call("SVC", ())
    world.ask_for_incident("C-2")
    world.drain()
    world.comment(Side.CASE, "C-2", "Looking")
    world.drain()
    said = stopped(world, "C-2", at=Gate.LINKED)
    assert said.sentence.startswith("C-2 has no incident, because none could be opened: ")
    assert said.command.startswith("syncd deliveries replay ")
    assert "1 later of its changes follow it then." in said.remedy
