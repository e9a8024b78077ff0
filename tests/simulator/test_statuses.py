"""What moves an incident between its statuses, by REST, with each undocumented case switched both ways."""

from __future__ import annotations

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.simulator import Simulator
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json


def put(rest: httpx.Client, incident: Incident, **fields: object) -> httpx.Response:
    return rest.put(f"/incidents/{incident.id}", json={"incident": {"type": "incident_reference", **fields}})


def kinds(incident: Incident) -> list[str]:
    return [entry.type.removesuffix("_log_entry") for entry in incident.log]


def error(answer: httpx.Response) -> Json:
    value: Json = answer.json()["error"]
    return value


def test_acknowledge_and_resolve(rest: httpx.Client, opened: Incident, clock: StoppedClock) -> None:
    clock.forward(60)
    acknowledged = put(rest, opened, status="acknowledged").json()["incident"]
    assert acknowledged["status"] == "acknowledged"
    assert [a["acknowledger"]["summary"] for a in acknowledged["acknowledgements"]] == ["syncd bot"]
    assert acknowledged["last_status_change_at"] == "2026-03-01T12:01:00Z"
    clock.forward(60)
    resolved = put(rest, opened, status="resolved").json()["incident"]
    assert (resolved["status"], resolved["resolved_at"]) == ("resolved", "2026-03-01T12:02:00Z")
    assert resolved["assignments"] == []
    assert kinds(opened) == ["trigger", "acknowledge", "resolve"]


def test_a_resolution_lives_in_the_resolve_log_entry_only(rest: httpx.Client, opened: Incident) -> None:
    put(rest, opened, status="resolved", resolution="Rolled back")
    newest = rest.get(f"/incidents/{opened.id}/log_entries").json()["log_entries"][0]
    assert (newest["type"], newest["note"]) == ("resolve_log_entry", "Rolled back")
    assert rest.get(f"/incidents/{opened.id}/notes").json()["notes"] == []


def test_a_resolution_may_be_dropped_or_become_a_note(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    sim.switches.keeps_resolution = False
    put(rest, opened, status="resolved", resolution="Rolled back")
    assert opened.log[-1].note is None
    sim.switches.keeps_resolution = sim.switches.resolution_annotates = True
    put(rest, opened, status="triggered")
    put(rest, opened, status="resolved", resolution="Rolled back")
    assert [note.content for note in opened.notes] == ["Rolled back"]


def test_acknowledging_a_resolved_incident_reopens_it_to_the_requester(
    rest: httpx.Client, opened: Incident, sim: Simulator
) -> None:
    put(rest, opened, status="resolved")
    reopened = put(rest, opened, status="acknowledged").json()["incident"]
    assert (reopened["status"], reopened["resolved_at"]) == ("acknowledged", None)
    assert [a["assignee"]["summary"] for a in reopened["assignments"]] == ["syncd bot"]
    put(rest, opened, status="resolved")
    triggered = put(rest, opened, status="triggered").json()["incident"]
    assert [a["assignee"]["summary"] for a in triggered["assignments"]] == ["Ana Lima"]


@pytest.mark.parametrize("code", [2001, 1001])
def test_the_older_rule_refuses_to_reopen(sim: Simulator, rest: httpx.Client, opened: Incident, code: int) -> None:
    sim.switches.reopens, sim.switches.legacy_reopen_code = False, code
    put(rest, opened, status="resolved")
    refused = put(rest, opened, status="acknowledged", title="Not applied either")
    assert (refused.status_code, error(refused)["code"]) == (400, code)
    assert (opened.status, opened.title) == ("resolved", "Checkout is slow")


def test_repeated_statuses_are_accepted_or_refused_by_switch(
    sim: Simulator, rest: httpx.Client, opened: Incident
) -> None:
    put(rest, opened, status="acknowledged")
    assert put(rest, opened, status="acknowledged").status_code == 200
    sim.switches.acknowledge_acknowledged = "refuse"
    assert error(put(rest, opened, status="acknowledged"))["code"] == 1002
    put(rest, opened, status="resolved")
    before = sim.world.revision
    assert put(rest, opened, status="resolved").status_code == 200
    assert sim.world.revision == before
    sim.switches.resolve_resolved = "refuse"
    assert error(put(rest, opened, status="resolved"))["code"] == 1001


def test_unacknowledging_by_rest_works_or_does_nothing(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    put(rest, opened, status="acknowledged")
    sim.switches.rest_unacknowledges = False
    assert put(rest, opened, status="triggered").json()["incident"]["status"] == "acknowledged"
    sim.switches.rest_unacknowledges = True
    assert put(rest, opened, status="triggered").json()["incident"]["status"] == "triggered"


def test_an_unknown_status_is_refused(rest: httpx.Client, opened: Incident) -> None:
    refused = put(rest, opened, status="closed")
    assert (refused.status_code, error(refused)["code"]) == (400, 1003)


def test_raising_the_urgency_unacknowledges(rest: httpx.Client, opened: Incident) -> None:
    put(rest, opened, status="acknowledged", urgency="low")
    assert opened.status == "acknowledged"
    put(rest, opened, urgency="high")
    assert opened.status == "triggered"


def test_a_snooze_runs_out(rest: httpx.Client, opened: Incident, clock: StoppedClock) -> None:
    early = rest.post(f"/incidents/{opened.id}/snooze", json={"duration": 60})
    assert error(early)["code"] == 1012
    put(rest, opened, status="acknowledged")
    assert error(rest.post(f"/incidents/{opened.id}/snooze", json={"duration": 0}))["code"] == 1013
    assert rest.post(f"/incidents/{opened.id}/snooze", json={"duration": 60}).status_code == 201
    clock.forward(59)
    assert rest.get(f"/incidents/{opened.id}").json()["incident"]["status"] == "acknowledged"
    clock.forward(1)
    assert rest.get(f"/incidents/{opened.id}").json()["incident"]["status"] == "triggered"
    assert opened.log[-1].channel["type"] == "timeout"


def test_merging_resolves_the_source_with_a_reason(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    source = sim.people.open("The same, twice", "Ana Lima")
    body = {"source_incidents": [{"id": source.id, "type": "incident_reference"}]}
    merged = rest.put(f"/incidents/{opened.id}/merge", json=body)
    assert merged.json()["incident"]["id"] == opened.id
    shown = rest.get(f"/incidents/{source.id}").json()["incident"]
    assert shown["status"] == "resolved"
    assert shown["resolve_reason"]["type"] == "merge_resolve_reason"
    assert shown["resolve_reason"]["incident"]["id"] == opened.id
    assert error(rest.put(f"/incidents/{opened.id}/merge", json=body))["code"] == 1019
    assert error(put(rest, source, status="triggered"))["code"] == 1019


def test_a_resolved_source_cannot_be_merged(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    source = sim.people.open("Over already", "Ana Lima")
    sim.people.resolve(source.id, "Ana Lima")
    body = {"source_incidents": [{"id": source.id, "type": "incident_reference"}]}
    assert error(rest.put(f"/incidents/{opened.id}/merge", json=body))["message"] == "Arguments Caused Error"
