"""What each question about an account last came to, and when it last worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from syncd.core.diagnostics import Subject
from syncd.core.judging import State

from .columns import storable
from .database import Tx
from .tables_of_accounts import probes


@dataclass(frozen=True, slots=True)
class Probe:
    integration: str
    subject: Subject
    state: State
    code: str
    finding: str
    since: datetime
    checked_at: datetime
    worked_at: datetime | None


def of(tx: Tx, slug: str) -> Mapping[Subject, Probe]:
    mine = select(probes).where(probes.c.integration == storable(slug))
    return {one.subject: one for one in map(_probe, tx.execute(mine))}


def failing(tx: Tx) -> Sequence[Probe]:
    bad = select(probes).where(probes.c.state == State.FAIL).order_by(probes.c.integration, probes.c.code)
    return [_probe(row) for row in tx.execute(bad)]


def put(tx: Tx, probe: Probe) -> None:
    values = {**asdict(probe), "finding": storable(probe.finding)}
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(probes).values(**values)
    tx.execute(statement.on_conflict_do_update(index_elements=["integration", "subject"], set_=values))


def forget(tx: Tx, slug: str) -> None:
    """Another account may come to have this name."""
    tx.execute(delete(probes).where(probes.c.integration == slug))


def _probe(row: Row[*tuple[Any, ...]]) -> Probe:
    return Probe(
        row.integration,
        Subject(row.subject),
        State(row.state),
        row.code,
        row.finding,
        row.since,
        row.checked_at,
        row.worked_at,
    )
