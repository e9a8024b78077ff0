"""Notes by REST: written, read, edited, deleted, and their limits."""

from __future__ import annotations

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.simulator.account import Incident
from syncd.simulator.notes import LONGEST_NOTE, MOST_NOTES


def post(rest: httpx.Client, incident: Incident, content: object) -> httpx.Response:
    return rest.post(f"/incidents/{incident.id}/notes", json={"note": {"content": content}})


def test_a_note_is_written_read_edited_and_deleted(rest: httpx.Client, opened: Incident, clock: StoppedClock) -> None:
    made = post(rest, opened, "Looking").json()["note"]
    assert made["user"]["summary"] == "syncd bot"
    clock.forward(5)
    edited = rest.put(f"/incidents/{opened.id}/notes/{made['id']}", json={"note": {"content": "Found it"}})
    assert edited.json()["note"]["content"] == "Found it"
    assert edited.json()["note"]["updated_at"] > made["updated_at"]
    (listed,) = rest.get(f"/incidents/{opened.id}/notes").json()["notes"]
    assert listed == edited.json()["note"]
    assert rest.delete(f"/incidents/{opened.id}/notes/{made['id']}").status_code == 204
    assert rest.get(f"/incidents/{opened.id}/notes").json()["notes"] == []
    assert rest.delete(f"/incidents/{opened.id}/notes/{made['id']}").status_code == 404


def test_a_resolved_incident_takes_notes(rest: httpx.Client, opened: Incident) -> None:
    rest.put(f"/incidents/{opened.id}", json={"incident": {"status": "resolved"}})
    assert post(rest, opened, "For the record").is_success


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("", 400),
        ("  ", 400),
        (None, 400),
        (7, 400),
        ("x" * LONGEST_NOTE, 201),
        ("x" * (LONGEST_NOTE + 1), 400),
        ("é" * LONGEST_NOTE, 400),
    ],
    ids=["empty", "blank", "missing", "number", "longest", "too long", "too many bytes"],
)
def test_contents_and_their_length(rest: httpx.Client, opened: Incident, content: object, status: int) -> None:
    assert post(rest, opened, content).status_code == status


def test_an_incident_holds_so_many_notes_and_no_more(rest: httpx.Client, opened: Incident) -> None:
    made = post(rest, opened, "The first")
    opened.notes.extend(opened.notes * (MOST_NOTES - 1))
    refused = post(rest, opened, "One too many")
    assert (made.status_code, refused.status_code) == (201, 400)
    assert len(opened.notes) == MOST_NOTES


def test_writing_a_note_leaves_a_log_entry(rest: httpx.Client, opened: Incident) -> None:
    post(rest, opened, "Looking")
    newest = rest.get(f"/incidents/{opened.id}/log_entries").json()["log_entries"][0]
    assert (newest["type"], newest["channel"]["summary"]) == ("annotate_log_entry", "Looking")
    assert rest.get("/log_entries").json()["log_entries"][0]["id"] == newest["id"]
