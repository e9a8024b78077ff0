"""The rows of the built-in cases: the case as it stands and the lines of its timeline. Statements only; the rules are in cases.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.core.changes import Status, Verb

from . import case_accounts
from .database import Tx
from .tables_of_accounts import integrations
from .tables_of_cases import case_events, cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    number: int
    title: str
    body: str
    status: Status
    priority: str
    resolution_note: str
    incident_url: str
    connector: str
    version: int
    created_at: datetime
    updated_at: datetime
    source: str = ""
    team: str = ""
    labels: tuple[str, ...] = ()
    service: str = ""

    @property
    def key(self) -> str:
        return f"CS-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline. A comment is one with text."""

    id: int
    at: datetime
    kind: Verb
    value: str  # the status, priority or address it was set to
    text: str  # a comment, or the note that came with a resolve
    actor: str
    via: str
    marker: str | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with everything that was written on it."""

    case: Case
    timeline: tuple[Event, ...]

    @property
    def comments(self) -> tuple[Event, ...]:
        return tuple(event for event in self.timeline if event.kind is Verb.NOTE)


_AFTER_ALL = select(func.coalesce(func.max(cases.c.number), 0) + 1).scalar_subquery()
_FLOOR = select(func.coalesce(func.max(integrations.c.numbers_from), 1)).scalar_subquery()
_NEXT = func.max(_AFTER_ALL, _FLOOR)  # the greater of the two; see store/gaps


def insert_new(tx: Tx, values: Mapping[str, object]) -> Case | None:
    """None when this idempotency key was used before; on PostgreSQL that waits for the one who uses it now."""
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    if tx.dialect.name == "sqlite":
        values = {**values, "number": _NEXT}  # A server's sequence was set to the floor itself.
    statement = dialect(cases).values(dict(values)).on_conflict_do_nothing(index_elements=["idempotency_key"])
    row = tx.execute(statement.returning(cases)).mappings().one_or_none()
    return None if row is None else _case(row)


def by_idempotency_key(tx: Tx, key: str) -> Case:
    return _case(tx.execute(select(cases).where(cases.c.idempotency_key == key)).mappings().one())


def found_by_idempotency_key(tx: Tx, key: str) -> Case | None:
    row = tx.execute(select(cases).where(cases.c.idempotency_key == key)).mappings().one_or_none()
    return None if row is None else _case(row)


def lock(tx: Tx, number: int) -> Case | None:
    """Read it and keep everybody else from changing it until the end of this transaction."""
    row = tx.execute(select(cases).where(cases.c.number == number).with_for_update()).mappings().one_or_none()
    return None if row is None else _case(row)


def get(tx: Tx, number: int) -> Case | None:
    row = tx.execute(select(cases).where(cases.c.number == number)).mappings().one_or_none()
    return None if row is None else _case(row)


def save(tx: Tx, case: Case) -> None:
    statement = (
        update(cases)
        .where(cases.c.number == case.number)
        .values(
            status=case.status,
            priority=case.priority,
            resolution_note=case.resolution_note,
            incident_url=case.incident_url,
            version=case.version,
            updated_at=case.updated_at,
        )
    )
    tx.execute(statement)


def listing(
    tx: Tx, filters: Mapping[str, str], *, limit: int, before: int | None, scope: Collection[str] = ()
) -> tuple[Case, ...]:
    """Newest first; `filters` are column = value, `before` the number of the last case of the page before, `scope` the accounts
    they are to belong to; none named: all.
    """
    statement = select(cases).order_by(cases.c.number.desc()).limit(limit)
    for name, value in filters.items():
        statement = statement.where(cases.c[name] == value)
    if before is not None:
        statement = statement.where(cases.c.number < before)
    if scope:
        statement = statement.where(case_accounts.within(scope))
    return tuple(_case(row) for row in tx.execute(statement).mappings())


def add_line(tx: Tx, number: int, values: Mapping[str, object]) -> Event:
    statement = insert(case_events).values(case_number=number, **values).returning(case_events)
    return _event(tx.execute(statement).mappings().one())


def lines(tx: Tx, number: int) -> tuple[Event, ...]:
    statement = select(case_events).where(case_events.c.case_number == number).order_by(case_events.c.id)
    return tuple(_event(row) for row in tx.execute(statement).mappings())


def first_line(tx: Tx, number: int) -> Event:
    statement = select(case_events).where(case_events.c.case_number == number).order_by(case_events.c.id).limit(1)
    return _event(tx.execute(statement).mappings().one())


def line_of(tx: Tx, number: int, marker: str) -> Event | None:
    """What this errand wrote on the case before."""
    statement = select(case_events).where(case_events.c.case_number == number, case_events.c.marker == marker)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _event(row)


def _case(row: RowMapping) -> Case:
    kept = {name: value for name, value in row.items() if name != "idempotency_key"}
    return Case(**{**kept, "status": Status(row["status"]), "labels": tuple(row["labels"])})


def _event(row: RowMapping) -> Event:
    kept = {name: value for name, value in row.items() if name != "case_number"}
    return Event(**{**kept, "kind": Verb(row["kind"])})
