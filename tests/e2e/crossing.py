"""People act on both sides at once: each behaviour as a story."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from tests.e2e.fleet import BUILTIN
from tests.e2e.scene import Scene, agree, story


def at_once(*acts: Callable[[], object]) -> None:
    """Each in a thread of its own, all let go at the same moment."""
    start = threading.Barrier(len(acts))
    failed: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except AssertionError as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


@story()
def priorities_set_at_once(scene: Scene) -> Iterator[None]:
    """PagerDuty's stands. Its write is held on its way, so that the two do cross."""
    scene.open()
    held = scene.fleet.gate.hold_request("GET /incidents/", f"{scene.incident} ")
    scene.on_case("priority", priority="P4")
    held.wait_reached()
    scene.on_incident("priority", priority="P1")
    held.release()
    scene.until_case(priority="P1")
    yield
    agree(scene)
    assert scene.priority() == "P1"


@story()
def priorities_at_once_where_the_case_wins(scene: Scene) -> Iterator[None]:
    scene.open("other")
    held = scene.fleet.gate.hold_request("GET /incidents/", f"{scene.incident} ")
    scene.on_case("priority", priority="P4")
    held.wait_reached()
    scene.on_incident("priority", priority="P1")
    held.release()
    scene.until(lambda: scene.priority() == "P4", "the incident is P4")
    yield
    agree(scene)
    assert scene.case()["priority"] == "P4"


@story()
def several_priorities_mean_one(scene: Scene) -> Iterator[None]:
    """P1 and P2 of the case are both P1 in PagerDuty: neither direction writes what means the same already."""
    scene.open("coarse", priority="P1")
    scene.on_case("priority", priority="P2")
    scene.until_row(change="priority", outcome="suppressed", reason="in_step")
    yield
    assert (scene.case()["priority"], scene.priority()) == ("P2", "P1")
    assert scene.rows(change="priority", outcome="applied") == []


@story()
def unmapped_priority_is_recorded(scene: Scene) -> Iterator[None]:
    scene.open("coarse")
    scene.on_case("priority", priority="P5")
    scene.until_row(change="priority", outcome="ignored", reason="not_mapped")
    yield
    assert scene.priority() == "P3"


@story()
def acknowledge_crosses_a_resolve(scene: Scene) -> Iterator[None]:
    """The read before the write sees it: an acknowledgement is never sent to a resolved incident."""
    scene.open()
    held = scene.fleet.gate.hold_request("GET /incidents/", f"{scene.incident} ")
    scene.on_case("acknowledge")
    held.wait_reached()
    scene.on_incident("resolve")
    held.release()
    scene.until_case(status="resolved")
    yield
    agree(scene)
    assert (scene.writes("acknowledge"), len(scene.writes("resolve"))) == ([], 1)


@story()
def our_own_reopening_is_amended(scene: Scene) -> Iterator[None]:
    """A resolve between our read and our write: the incident is reopened by us, resolved again, and told of it."""
    scene.open()
    held = scene.fleet.gate.hold_request("PUT /incidents/", f"{scene.incident} ", "acknowledged")
    scene.on_case("acknowledge")
    held.wait_reached()
    scene.on_incident("resolve")
    held.release()
    said = "A write of syncd crossed a resolve and reopened this incident. It is resolved again."
    scene.until_noted(said)
    scene.until_incident("resolved")
    scene.until_case(status="resolved")
    yield
    agree(scene)
    assert scene.notes() == [said]
    assert len(scene.writes("resolve")) == 2
    logs = "".join(worker.said() for worker in scene.fleet.workers)
    assert "link.alarmed" in logs


@story()
def both_sides_do_everything_at_once(scene: Scene) -> Iterator[None]:
    scene.open()
    at_once(
        lambda: scene.on_case("acknowledge"),
        lambda: scene.on_incident("acknowledge"),
        lambda: scene.on_case("comments", text="Both of us."),
        lambda: scene.on_incident("note", text="Both of us."),
    )
    at_once(lambda: scene.on_incident("resolve"), lambda: scene.on_case("priority", priority="P1"))
    scene.until_case(status="resolved")
    yield
    agree(scene)
    assert scene.told() == ["Ben Osei (PagerDuty): Both of us."]
    assert sorted(scene.notes()) == ["Ana Lima (case): Both of us.", "Both of us."]


@story(BUILTIN)
def repeated_hooks_act_once(scene: Scene) -> Iterator[None]:
    """PagerDuty delivers at least once; each event is taken once, and its repeat leaves a row."""
    scene.open()
    scene.on_incident("note", text="Once only.")
    scene.until_told("Ben Osei (PagerDuty): Once only.")
    yield
    assert scene.told() == ["Ben Osei (PagerDuty): Once only."]
    tries = [
        it
        for it in scene.fleet.pagerduty_peer.hooks()
        if (it["resource"], it["event_type"]) == (scene.incident, "incident.annotated")
    ]
    repeats = scene.rows_of_incident(change="incident.annotated", reason="duplicate")
    assert len(tries) > 1, "The fleet was to deliver every webhook twice."
    assert len(repeats) == len(tries) - 1
