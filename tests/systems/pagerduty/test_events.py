"""Webhooks read into hints: what people do in the simulator, documented payloads byte for byte, and anything at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Status
from syncd.errors import Unreadable
from syncd.systems.pagerduty import events
from syncd.systems.pagerduty.vocabulary import note_as_seen
from syncd.systems.port import Hint

US = "PUS0001"
AT = datetime(2026, 11, 21, 12, 0, 0, 169_000, tzinfo=UTC)
ANA = {"id": "PANA001", "type": "user_reference", "summary": "Ana Lima", "self": None, "html_url": None}
INCIDENT = {
    "id": "Q1",
    "type": "incident",
    "number": 7,
    "status": "triggered",
    "incident_key": "case-1",
    "title": "Checkout is slow",
    "priority": {"id": "PPRIO01", "type": "priority_reference", "summary": "P1"},
    "resolve_reason": None,
}
NOTE = {
    "id": "N1",
    "type": "incident_note",
    "content": "Looking",
    "trimmed": False,
    "incident": {"id": "Q1", "type": "incident_reference", "summary": None},
}


def body(kind: object, data: object, **more: object) -> bytes:
    event = {"id": "01E", "event_type": kind, "occurred_at": "2026-11-21T12:00:00.169Z", "agent": ANA, "data": data}
    return json.dumps({"event": {**event, **more}}).encode()


def parse(kind: object, data: object, **more: object) -> Hint:
    return events.parse(body(kind, data, **more), US)


def status_seen(hint: Hint) -> FieldSeen:
    seen = hint.seen[0]
    assert isinstance(seen, FieldSeen)
    assert seen.field is Field.STATUS
    return seen


@pytest.mark.parametrize(
    ("kind", "status", "value"),
    [
        ("incident.triggered", "triggered", Status.OPEN),
        ("incident.acknowledged", "acknowledged", Status.ACKNOWLEDGED),
        ("incident.unacknowledged", "triggered", Status.OPEN),
        ("incident.resolved", "resolved", Status.RESOLVED),
        ("incident.reopened", "triggered", Status.OPEN),
        ("incident.reopened", "acknowledged", Status.ACKNOWLEDGED),
    ],
)
def test_a_status_event_says_the_status_the_incident_had(kind: str, status: str, value: Status) -> None:
    hint = parse(kind, {**INCIDENT, "status": status})
    assert (hint.event_type, hint.ref, hint.occurred_at, hint.incident_key) == (kind, "Q1", AT, "case-1")
    assert (hint.is_thin, hint.is_ping) == (False, False)
    seen = status_seen(hint)
    assert (seen.value, seen.by, seen.at) == (value, Actor("Ana Lima"), AT)
    assert seen.is_reopening is (kind == "incident.reopened")


@pytest.mark.parametrize("status", [None, "", "snoozed", 7, {}])
@pytest.mark.parametrize(
    ("kind", "value"), [("incident.acknowledged", Status.ACKNOWLEDGED), ("incident.reopened", Status.OPEN)]
)
def test_without_a_status_the_events_type_says_it(kind: str, value: Status, status: object) -> None:
    assert status_seen(parse(kind, {**INCIDENT, "status": status})).value == value


def test_a_trigger_tells_status_and_priority() -> None:
    status, priority = parse("incident.triggered", INCIDENT).seen
    assert isinstance(status, FieldSeen)
    assert isinstance(priority, FieldSeen)
    assert (status.field, priority.field, priority.value) == (Field.STATUS, Field.PRIORITY, "PPRIO01")


@pytest.mark.parametrize(
    ("priority", "value"), [(INCIDENT["priority"], "PPRIO01"), (None, ""), ({}, ""), ("P1", ""), ({"id": None}, "")]
)
def test_a_priority_is_its_id_or_none(priority: object, value: str) -> None:
    (seen,) = parse("incident.priority_updated", {**INCIDENT, "priority": priority}).seen
    assert seen == FieldSeen(Field.PRIORITY, value, Actor("Ana Lima"), AT)


@pytest.mark.parametrize(
    ("other", "into"),
    [
        ({"id": "Q2", "summary": "Bigger"}, "Q2"),
        ({"id": None, "summary": "Bigger"}, "Bigger"),
        ({}, "another incident"),
        (None, "another incident"),
    ],
)
def test_a_merge_is_no_resolve(other: object, into: str) -> None:
    reason = {"type": "merge_resolve_reason", "incident": other}
    hint = parse("incident.resolved", {**INCIDENT, "status": "resolved", "resolve_reason": reason})
    assert hint.seen == (FieldSeen(Field.MERGED_INTO, into, Actor("Ana Lima"), AT),)


@pytest.mark.parametrize("reason", [{"type": "other_reason"}, {}, "merge", None])
def test_another_reason_to_resolve_is_a_resolve(reason: object) -> None:
    hint = parse("incident.resolved", {**INCIDENT, "status": "resolved", "resolve_reason": reason})
    assert status_seen(hint).value == Status.RESOLVED


@pytest.mark.parametrize(
    ("agent", "by"),
    [
        (None, NOBODY),
        ({"id": US, "type": "user_reference", "summary": "syncd bot"}, Actor("syncd bot", is_us=True)),
        ({"id": US}, Actor("", is_us=True)),
        ({"id": "S1", "type": "inbound_integration_reference", "summary": "Events API"}, Actor("Events API")),
        ({"id": None, "type": "bot_user_reference", "summary": "A rule"}, Actor("A rule")),
        ({"type": "app_reference"}, NOBODY),
        ("Ana", NOBODY),
    ],
)
def test_who_did_it(agent: object, by: Actor) -> None:
    assert status_seen(parse("incident.acknowledged", INCIDENT, agent=agent)).by == by


def test_nobody_is_us_as_long_as_we_do_not_know_who_we_are() -> None:
    hint = events.parse(body("incident.acknowledged", INCIDENT, agent={"id": "", "summary": "Ghost"}), "")
    assert not status_seen(hint).by.is_us


def test_a_note() -> None:
    hint = parse("incident.annotated", NOTE)
    assert hint.ref == "Q1"
    assert hint.seen == (NoteSeen("N1", "Looking", Actor("Ana Lima"), AT),)


def test_a_resolution_note_typed_in_the_interface() -> None:
    whole = "Resolution Note:  Rolled back \n"
    (seen,) = parse("incident.annotated", {**NOTE, "content": whole}).seen
    assert seen == FieldSeen(Field.RESOLUTION_NOTE, "Rolled back", Actor("Ana Lima"), AT, note_id="N1", text=whole)


@pytest.mark.parametrize(
    "content", ["Resolution Note: ", "resolution note: x", "A Resolution Note: x", "Resolution Note:x"]
)
def test_what_only_looks_like_one_is_a_note(content: str) -> None:
    (seen,) = parse("incident.annotated", {**NOTE, "content": content}).seen
    assert seen == NoteSeen("N1", content, Actor("Ana Lima"), AT)


@pytest.mark.parametrize("content", ["Looking into", "Resolution Note: Rolled", None, 7])
def test_a_trimmed_note_is_to_be_read_again(content: object) -> None:
    (seen,) = parse("incident.annotated", {**NOTE, "content": content, "trimmed": True}).seen
    assert isinstance(seen, NoteSeen)
    assert seen.is_trimmed


def test_a_note_without_text_or_id_is_a_reason_to_look() -> None:
    (seen,) = parse("incident.annotated", {**NOTE, "content": None}).seen
    assert seen == NoteSeen("N1", "", Actor("Ana Lima"), AT, is_trimmed=True)
    hint = parse("incident.annotated", {**NOTE, "id": None})
    assert (hint.ref, hint.is_thin, hint.seen) == ("Q1", True, ())


def test_the_whole_note_becomes_what_the_trimmed_one_was() -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    plain = note_as_seen(Note("N1", "Looking", "Ana Lima", is_ours=True, at=at))
    assert plain == NoteSeen("N1", "Looking", Actor("Ana Lima", is_us=True), at)
    told = note_as_seen(Note("N1", "Resolution Note: Done", "Ana Lima", is_ours=False, at=at))
    assert told == FieldSeen(
        Field.RESOLUTION_NOTE, "Done", Actor("Ana Lima"), at, note_id="N1", text="Resolution Note: Done"
    )


def test_a_ping() -> None:
    hint = parse("pagey.ping", {"message": "Hello from your friend Pagey!", "type": "ping"}, agent=None)
    assert (hint.event_type, hint.is_ping, hint.ref, hint.seen) == ("pagey.ping", True, "", ())


@pytest.mark.parametrize(
    ("kind", "data", "ref"),
    [
        ("incident.escalated", INCIDENT, "Q1"),
        ("incident.reassigned", INCIDENT, "Q1"),
        ("incident.status_update_published", {**NOTE, "type": "incident_status_update"}, "Q1"),
        (
            "incident.workflow.started",
            {"id": "W1", "type": "incident_workflow_instance", "incident": {"id": "Q1"}},
            "Q1",
        ),
        ("incident.invented.tomorrow", {"type": "novelty"}, ""),
        ("service.updated", {"id": "S1", "type": "service"}, ""),
        ("service.updated", None, ""),
    ],
)
def test_a_foreign_type_is_kept_with_its_incident(kind: str, data: object, ref: str) -> None:
    hint = parse(kind, data)
    assert (hint.event_type, hint.ref, hint.seen, hint.is_thin) == (kind, ref, (), False)


def test_hardly_anything_is_needed() -> None:
    told = {"event": {"event_type": "incident.acknowledged", "data": {"id": "Q1"}}}
    hint = events.parse(json.dumps(told).encode(), US)
    assert (hint.ref, hint.occurred_at, hint.incident_key) == ("Q1", None, "")
    assert hint.seen == (FieldSeen(Field.STATUS, Status.ACKNOWLEDGED),)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"event":null}',
        b'{"event":{}}',
        b'{"event":{"event_type":7e400}}',
        b'{"event":' * 200,
        body(None, INCIDENT),
        body("x" * 256, INCIDENT),
        body("incident.acknowledged", None),
        body("incident.acknowledged", {**INCIDENT, "id": None}),
        body("incident.acknowledged", {**INCIDENT, "id": "Q" * 256}),
        body("incident.annotated", {**NOTE, "incident": None}),
    ],
)
def test_what_cannot_be_followed_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        events.parse(raw, US)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (body("incident.acknowledged", INCIDENT), "01E"),
        (body("x", None, id=12345678901234567890123456789012345678), "12345678901234567890123456789012345678"),
        (body("x", None, id=None), None),
        (body("x", None, id=""), None),
        (body("x", None, id="x" * 256), None),
        (b"[" * 100_000, None),
        (b"\xff", None),
        (b"[]", None),
    ],
)
def test_an_event_is_named_by_its_id(raw: bytes, key: str | None) -> None:
    assert events.glance(raw).key == key


NAMES = (
    "event event_type data id type status incident agent summary content trimmed occurred_at resolve_reason priority"
    " incident_note merge_resolve_reason"
)
words = st.sampled_from([*NAMES.split(), *events.ACTED_UPON])
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
around = st.fixed_dictionaries(
    {"event": st.fixed_dictionaries({"event_type": words, "data": shapes}, optional={"agent": shapes})}
)


@given(st.binary() | (shapes | around).map(lambda value: json.dumps(value).encode()))
def test_reading_ends_in_a_hint_or_is_unreadable(raw: bytes) -> None:
    glance = events.glance(raw)
    try:
        hint = events.parse(raw, US)
    except Unreadable:
        return
    assert (glance.event_type, glance.ref) == (hint.event_type, hint.ref)
    assert hint.event_type
    assert hint.ref or hint.event_type not in events.ACTED_UPON
    assert len(hint.ref) <= 255


def documented(folder: Path) -> Mapping[str, bytes]:
    """Whole payloads as they stand; parts of one get the least around them, their own bytes untouched."""
    found = {it.stem: it.read_bytes() for it in sorted((folder / "devdocs").glob("payload_*.json"))}
    found["kb_pagey_ping"] = (folder / "kb_pagey_ping.json").read_bytes()
    for it in sorted((folder / "devdocs").glob("data_*.json")):
        kind = "incident.acknowledged" if it.stem == "data_incident" else "incident.annotated"
        kind = kind if it.stem in {"data_incident", "data_incident_note"} else f"foreign.{it.stem}"
        found[it.stem] = b'{"event":{"event_type":"%s","data":%s}}' % (kind.encode(), it.read_bytes())
    return found


def test_the_documented_payloads(webhooks_shared: Path) -> None:
    hints = {name: events.parse(raw, US) for name, raw in documented(webhooks_shared).items()}
    assert hints["payload_incident.priority_updated"].seen == (
        FieldSeen(
            Field.PRIORITY,
            "PSO75BM",
            Actor("Tenex Engineer"),
            datetime(2020, 10, 2, 18, 45, 22, 169_000, tzinfo=UTC),
        ),
    )
    assert hints["payload_service.updated"] == Hint(
        "service.updated", occurred_at=datetime(2021, 3, 2, 13, 35, 11, 682_000, tzinfo=UTC)
    )
    assert hints["kb_pagey_ping"].is_ping
    assert hints["data_incident"].ref == "PGR0VU2"
    assert hints["data_incident_note"].seen == (NoteSeen("P2LA89X", "I sure am glad we are using PagerDuty!"),)
    about = {name: hint.ref for name, hint in hints.items() if hint.event_type.startswith("foreign.")}
    without = {name for name, ref in about.items() if not ref}
    assert without == {"data_service", "data_service_field_values", "data_incident_role_assignment"}


def test_the_published_vectors_can_be_read(webhooks_shared: Path) -> None:
    for it in json.loads((webhooks_shared / "signature_vectors.json").read_text())["vectors"]:
        assert events.parse(it["body"].encode(), US).ref == "PGR0VU2"
        assert events.glance(it["body"].encode()).key == "01BWDWL3NYY7LUFPZCC28QUCMK"
