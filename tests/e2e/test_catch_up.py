"""Hooks that never come: what they would have told is found, here and there, and carried on once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e import books
from tests.e2e.fleet import ACCOUNT, BUILTIN, DESK, Fleet
from tests.e2e.peers import Json
from tests.e2e.scene import Scene
from tests.e2e.sites import embedded
from tests.e2e.waiting import until


def _opened(fleet: Fleet, system: str, title: str) -> Scene:
    scene = Scene(fleet, fleet.cases(system), fleet.people, title)
    scene.open()
    return scene


def _repair(fleet: Fleet) -> list[Json]:
    """As `syncd links repair` asks for it."""
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    asked = {"since": since, "by": "Dana Cruz"}
    answer = fleet.cases(BUILTIN).http.post("/v1/repairs", json=asked)
    assert answer.status_code == 202, answer.text
    found: list[Json] = answer.json()["repairs"]
    return found


def _repairs(fleet: Fleet) -> list[Json]:
    found: list[Json] = fleet.cases(BUILTIN).http.get("/v1/repairs").json()["repairs"]
    return found


def test_what_no_hook_told_is_found_and_carried_on_once(tmp_path: Path) -> None:
    with embedded(tmp_path) as fleet:
        builtin, desk, quiet = (_opened(fleet, *who) for who in ((BUILTIN, "one"), (DESK, "two"), (BUILTIN, "three")))
        fleet.await_quiet()
        for peer in (fleet.pagerduty_peer, fleet.desk_peer):
            peer.turn(drop_percent=100)
        for scene in (builtin, desk):
            scene.on_incident("acknowledge")
            scene.on_incident("note", text="Seen by nobody")
            scene.on_incident("note", text="Resolution Note: Rolled back")
        desk.on_case("comments", text="Nor was this")
        builtin.on_incident("resolve")
        for peer in (fleet.pagerduty_peer, fleet.desk_peer):
            peer.turn(drop_percent=0)
        assert {one["integration"] for one in _repair(fleet)} == {ACCOUNT, DESK}
        until(lambda: {one["state"] for one in _repairs(fleet)} == {"done"}, "the repairs are done", 60)
        builtin.until_case(status="resolved", resolution_note="Rolled back")
        desk.until_case(status="acknowledged", resolution_note="Rolled back")
        builtin.until_told("Ben Osei (PagerDuty): Seen by nobody")
        desk.until(lambda: "Ana Lima (case): Nor was this" in desk.notes(), "the incident has the comment")
        fleet.await_quiet()
        before = [scene.notes() + scene.told() for scene in (builtin, desk, quiet)]
        _repair(fleet)
        until(lambda: [one["state"] for one in _repairs(fleet)] == ["done"] * 4, "the second ones are done", 60)
        fleet.await_quiet()
        assert [scene.notes() + scene.told() for scene in (builtin, desk, quiet)] == before
        books.match(books.read(fleet))
