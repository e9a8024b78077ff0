"""notification_deliveries: one row per attempt and per decision not to act. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, select

from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.tracing import context

from .columns import says, storable
from .database import Tx
from .tables import deliveries

NAMES_OURS = "names_ours"  # the action of a row of hooks that were turned away and named a subscription of ours
LOOK = "look"  # the action of a row that tells what was read; such a row of an errand does not say what became of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    recorded_at: datetime
    direction: str
    change: str
    outcome: Outcome
    reason: Reason
    action: str = ""
    detail: str = ""
    attempt: int = 0
    arrival_id: int | None = None
    errand_id: int | None = None
    link_id: int | None = None
    connector: str = ""
    integration: str = ""
    source_system: str = ""
    destination_system: str = ""
    case_id: str = ""
    incident_id: str = ""
    actor: str = ""
    occurred_at: datetime | None = None
    started_at: datetime | None = None
    duration_ms: int | None = None
    e2e_ms: int | None = None
    method: str = ""
    url: str = ""
    http_status: int | None = None
    request_id: str = ""
    retry_after_s: float | None = None
    next_attempt_at: datetime | None = None
    replay_of: int | None = None
    request: Any = None  # JSON, redacted
    response: Any = None  # JSON, redacted
    trace: str = field(default_factory=context.current_id)


@dataclass(frozen=True, slots=True)
class Rejected:
    count: int
    first: datetime
    last: datetime  # when it came: its row may be written later
    first_of_ours: datetime | None = None  # of those that named a subscription of ours
    last_of_ours: datetime | None = None


_INSERT = insert(deliveries)
_NAMES = tuple(one.name for one in fields(Delivery))


def direction(came_from: Side) -> str:
    """Inbound means from PagerDuty to the case, whoever wrote the row."""
    return "inbound" if came_from is Side.INCIDENT else "outbound"


def record_many(tx: Tx, rows: Sequence[Delivery]) -> None:
    if rows:
        tx.execute(_INSERT, [{name: storable(getattr(row, name)) for name in _NAMES} for row in rows])


def find(
    tx: Tx, filters: Mapping[str, object], *, limit: int = 100, within: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Newest first; `filters` are column = value, `within` accounts. What people ask for is found by `audit`."""
    statement = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    for name, value in filters.items():
        statement = statement.where(deliveries.c[name] == storable(value))
    if within:
        statement = statement.where(deliveries.c.integration.in_(within))
    return [dict(row) for row in tx.execute(statement).mappings()]


def replays(tx: Tx, ids: Sequence[int], column: str, value: object) -> list[dict[str, Any]]:
    """What became of what was decided anew of these, newest first; `column` says where they are looked for. Not what was only read."""
    is_one = (deliveries.c.replay_of.in_(ids), deliveries.c[column] == storable(value), deliveries.c.action != LOOK)
    statement = select(deliveries).where(*is_one).order_by(deliveries.c.id.desc())
    return [dict(row) for row in tx.execute(statement).mappings()]


def count_since(tx: Tx, reason: Reason, since: datetime) -> int:
    statement = select(func.count()).where(deliveries.c.recorded_at >= since, deliveries.c.reason == reason)
    return tx.execute(statement).scalar_one()


def rejected(tx: Tx, since: datetime) -> dict[str, Rejected]:
    """By source: the hooks that were turned away since then."""
    source = deliveries.c.source_system
    came = func.coalesce(deliveries.c.occurred_at, deliveries.c.recorded_at)
    ours = case((deliveries.c.action == NAMES_OURS, came))
    statement = select(source, func.count(), func.min(came), func.max(came), func.min(ours), func.max(ours))
    mine = (says(deliveries.c.outcome, Outcome.REJECTED), deliveries.c.recorded_at >= since, came >= since)
    return {row[0]: Rejected(*row[1:]) for row in tx.execute(statement.where(*mine).group_by(source))}


def first_rejected(tx: Tx, source: str, since: datetime) -> datetime | None:
    """When the first hook of this source was turned away since then."""
    at = deliveries.c.recorded_at
    mine = (says(deliveries.c.outcome, Outcome.REJECTED), deliveries.c.source_system == source, at >= since)
    return tx.execute(select(func.min(at)).where(*mine)).scalar_one()


def get(tx: Tx, delivery_id: int) -> dict[str, Any] | None:
    row = tx.execute(select(deliveries).where(deliveries.c.id == delivery_id)).mappings().one_or_none()
    return None if row is None else dict(row)
