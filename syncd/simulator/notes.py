"""Notes of an incident: written, edited, deleted, and the webhook that only the writing sends."""

from __future__ import annotations

from syncd.simulator import events
from syncd.simulator.account import Incident, Note
from syncd.simulator.asked import Json
from syncd.simulator.refusals import Refused, invalid
from syncd.simulator.world import World, record

MOST_NOTES = 2_000
LONGEST_NOTE = 65_535  # bytes
RESOLUTION_PREFIX = "Resolution Note: "


def annotate(world: World, incident: Incident, content: object, agent: Json | None) -> Note:
    text = checked(content)
    if len(incident.notes) >= MOST_NOTES:
        raise Refused(400, 2019, f"An incident holds at most {MOST_NOTES} notes")
    now = world.now()
    author = agent or {
        "id": None,
        "type": "bot_user_reference",
        "summary": "Automation",
        "self": None,
        "html_url": None,
    }
    note = Note(world.ids.record(), author, text, now, now)
    incident.notes.append(note)
    record(world, incident, "annotate", agent, channel={"type": "note", "summary": text, "content": text})
    _tell(world, incident, note, agent)
    return note


def checked(content: object) -> str:
    if not isinstance(content, str) or not content.strip():
        raise invalid("Content cannot be empty.")
    if len(content.encode("utf-8", "surrogatepass")) > LONGEST_NOTE:
        raise invalid(f"Content is too long (maximum is {LONGEST_NOTE} characters)")
    return content


def find(incident: Incident, note_id: str) -> Note:
    for note in incident.notes:
        if note.id == note_id:
            return note
    raise Refused(404, 2100)


def edit(world: World, incident: Incident, note_id: str, content: object, agent: Json | None) -> Note:
    note, text = find(incident, note_id), checked(content)
    note.content, note.updated_at = text, world.now()
    _touched(world, incident, note, agent)
    return note


def delete(world: World, incident: Incident, note_id: str, agent: Json | None) -> None:
    note = find(incident, note_id)
    incident.notes.remove(note)
    _touched(world, incident, note, agent)


def _touched(world: World, incident: Incident, note: Note, agent: Json | None) -> None:
    incident.updated_at = world.now()
    world.revision += 1
    if world.switches.note_changes_announced:
        _tell(world, incident, note, agent)


def _tell(world: World, incident: Incident, note: Note, agent: Json | None) -> None:
    shown_id = note.id if world.switches.note_ids_match else world.ids.record()
    data = events.note_data(world.account, incident, shown_id, note.content, world.switches.trim_notes_at)
    world.announce("incident.annotated", data, agent=agent, resource=incident.id, service_id=incident.service_id)
