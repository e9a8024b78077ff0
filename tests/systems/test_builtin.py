"""The built-in cases behind the port: what they write, read back and refuse, and that their own arrivals can be read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from syncd.clock import Clock
from syncd.core.changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen, Side, Status
from syncd.errors import BadSignature, Refused, Unreachable
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database
from syncd.store.tables import arrivals, metadata
from syncd.systems.builtin import BuiltinCases
from syncd.systems.port import Hint, Hook, Opening, System
from syncd.systems.trip import Trip
from tests.store.payments import add_payments

ANA, DANA = Hand("Ana Lima", "page"), Actor("Dana Ruiz")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/cases.db", Clock())
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def desk(db: Database) -> Cases:
    add_payments(db)
    return Cases(db, site="http://syncd.test")


@pytest.fixture
def system(desk: Cases) -> BuiltinCases:
    return BuiltinCases(desk)


@pytest.fixture
def key(desk: Cases) -> str:
    return desk.open(NewCase("Checkout is slow", "p95", "P2", "payments"), ANA).case.key


@pytest.fixture
def trip() -> Trip:
    return Trip.begin("e7.1", time.monotonic)


def hints(db: Database, system: BuiltinCases) -> list[Hint]:
    with db.read() as tx:
        return [system.parse(body) for body in tx.scalars(select(arrivals.c.body).order_by(arrivals.c.id))]


def test_it_is_a_system_of_the_case_side(system: BuiltinCases) -> None:
    it: System = system
    can = it.capabilities
    assert it.side is Side.CASE
    assert (can.has_closed, can.has_resolution_note, can.can_reopen, can.names_authors) == (True, True, True, True)


def test_a_case_is_fetched_as_a_record(system: BuiltinCases, desk: Cases, key: str, trip: Trip) -> None:
    record = system.fetch(trip, key)
    assert (record.ref, record.status, record.priority) == (key, Status.OPEN, "P2")
    assert (record.resolution_note, record.title) == ("", "Checkout is slow")
    assert (record.url, record.at) == (f"http://syncd.test/cases/{key}", desk.get(key).updated_at)


def test_a_write_answers_with_the_record_and_says_it_came_from_pagerduty(
    system: BuiltinCases, desk: Cases, key: str, trip: Trip
) -> None:
    applied = system.set_status(trip, key, Status.ACKNOWLEDGED, DANA, "")
    assert applied.record is not None
    assert applied.record.status is Status.ACKNOWLEDGED
    line = desk.file(key).timeline[-1]
    assert (line.kind, line.actor, line.via) == ("acknowledge", "Dana Ruiz", "PagerDuty")
    again = system.set_status(trip, key, Status.ACKNOWLEDGED, DANA, "")
    assert (again.record, again.note_id) == (applied.record, "")


def test_a_resolve_fills_the_resolution_note(system: BuiltinCases, key: str, trip: Trip) -> None:
    record = system.set_status(trip, key, Status.RESOLVED, DANA, "Rolled back.").record
    assert record is not None
    assert (record.status, record.resolution_note) == (Status.RESOLVED, "Rolled back.")
    late = system.set_resolution_note(trip, key, "Rolled back 5.31.", DANA).record
    assert late is not None
    assert late.resolution_note == "Rolled back 5.31."


def test_priority_and_the_incidents_address(system: BuiltinCases, desk: Cases, key: str, trip: Trip) -> None:
    record = system.set_priority(trip, key, "P1", DANA).record
    assert record is not None
    assert record.priority == "P1"
    system.link(trip, key, "https://pd.test/incidents/Q1")
    assert desk.get(key).incident_url == "https://pd.test/incidents/Q1"


def test_a_note_is_added_once_for_one_errand(system: BuiltinCases, desk: Cases, key: str, trip: Trip) -> None:
    first = system.add_note(trip, key, "On it.", "Dana Ruiz (PagerDuty)", "7")
    again = system.add_note(trip, key, "On it.", "Dana Ruiz (PagerDuty)", "7")
    assert first.note_id == again.note_id != ""
    desk.comment(key, ANA, "Thanks.")
    notes = system.notes(trip, key)
    assert [(note.text, note.author, note.is_ours) for note in notes] == [
        ("On it.", "Dana Ruiz (PagerDuty)", True),
        ("Thanks.", "Ana Lima", False),
    ]
    assert notes[0].id == first.note_id
    assert [system.heard(note).by.is_us for note in notes] == [True, False]
    assert system.heard(notes[1]) == NoteSeen(notes[1].id, "Thanks.", Actor("Ana Lima"), notes[1].at)


def test_its_names_are_those_it_takes(system: BuiltinCases, key: str, trip: Trip) -> None:
    told = system.names(trip)
    assert told.statuses == ("open", "acknowledged", "resolved", "closed")
    for priority in told.priorities:
        record = system.set_priority(trip, key, priority, DANA).record
        assert record is not None
        assert record.priority == priority


def test_every_call_is_one_exchange(system: BuiltinCases, key: str, trip: Trip) -> None:
    system.fetch(trip, key)
    system.set_priority(trip, key, "P1", DANA)
    with pytest.raises(Refused):
        system.fetch(trip, "CS-99")
    told = [(it.method, it.url, it.request_id) for it in trip.exchanges]
    assert told == [("", f"cases:{key}", "e7.1.1"), ("", f"cases:{key}", "e7.1.2"), ("", "cases:CS-99", "e7.1.3")]


def test_an_unknown_case_is_gone(system: BuiltinCases, trip: Trip) -> None:
    with pytest.raises(Refused) as refused:
        system.set_status(trip, "CS-99", Status.RESOLVED, DANA, "")
    assert refused.value.reason == "gone"


def test_a_closed_case_refuses_to_move_and_takes_notes(system: BuiltinCases, desk: Cases, key: str, trip: Trip) -> None:
    desk.close(key, ANA)
    with pytest.raises(Refused) as refused:
        system.set_status(trip, key, Status.ACKNOWLEDGED, DANA, "")
    assert refused.value.reason == "refused"
    assert system.add_note(trip, key, "Too late.", "Dana (PagerDuty)", "8").note_id


def test_a_database_that_is_away_is_unreachable(tmp_path: Path, trip: Trip) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db", Clock())
    with pytest.raises(Unreachable, match="database"):
        BuiltinCases(Cases(empty)).fetch(trip, "CS-1")
    empty.close()


def test_it_has_no_door_and_opens_no_incidents(system: BuiltinCases, trip: Trip) -> None:
    hook = Hook({}, b"{}", Clock().now())
    with pytest.raises(BadSignature):
        system.verify(hook, ("secret",))
    assert system.glance(hook).key is None
    with pytest.raises(Refused):
        system.find(trip, Opening("k", "t", "b", "s"))
    with pytest.raises(Refused):
        system.open(trip, Opening("k", "t", "b", "s"))
    assert system.check(trip) == ()


def test_its_own_arrivals_read_as_what_was_done(db: Database, system: BuiltinCases, desk: Cases, key: str) -> None:
    acknowledged = desk.acknowledge(key, ANA).case
    desk.set_priority(key, ANA, "P1")
    comment = desk.comment(key, ANA, "Looking.").event
    resolved = desk.resolve(key, ANA, "Rolled back.").case
    desk.set_resolution_note(key, ANA, "")
    desk.reopen(key, ANA)
    desk.close(key, ANA)
    opened, *rest = hints(db, system)
    assert {hint.ref for hint in (opened, *rest)} == {key}
    (asked,) = opened.seen
    assert isinstance(asked, CaseOpened)
    assert (asked.title, asked.body, asked.priority) == ("Checkout is slow", "p95", "P2")
    assert (asked.connector, asked.url) == ("payments", f"http://syncd.test/cases/{key}")
    by = Actor("Ana Lima")
    assert rest[0].seen == (FieldSeen(Field.STATUS, "acknowledged", by, acknowledged.updated_at),)
    assert isinstance(rest[1].seen[0], FieldSeen)
    assert (rest[1].seen[0].field, rest[1].seen[0].value) == (Field.PRIORITY, "P1")
    assert comment is not None
    assert rest[2].seen == (NoteSeen(str(comment.id), "Looking.", by, comment.at),)
    assert rest[3].seen == (
        FieldSeen(Field.STATUS, "resolved", by, resolved.updated_at),
        FieldSeen(Field.RESOLUTION_NOTE, "Rolled back.", by, resolved.updated_at),
    )
    cleared = rest[4].seen[0]
    assert isinstance(cleared, FieldSeen)
    assert (cleared.field, cleared.value) == (Field.RESOLUTION_NOTE, "")
    reopened, closed = rest[5].seen[0], rest[6].seen[0]
    assert isinstance(reopened, FieldSeen)
    assert isinstance(closed, FieldSeen)
    assert (reopened.value, reopened.is_reopening) == ("open", True)
    assert closed.value == "closed"


def test_a_case_is_heard_of_as_it_is_explained(db: Database, system: BuiltinCases, desk: Cases) -> None:
    new = NewCase("Checkout is slow", "p95", "P2", "payments", "prometheus", "web", ("env:prod", "tier-1"), "Till")
    key = desk.open(new, ANA).case.key
    desk.set_priority(key, ANA, "P1")
    (asked,) = hints(db, system)[0].seen
    assert asked == desk.opening(key)
    assert isinstance(asked, CaseOpened)
    assert (asked.priority, asked.source, asked.team, asked.labels) == ("P2", "prometheus", "web", new.labels)
    assert asked.service == "Till"
