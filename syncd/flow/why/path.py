"""What has happened to a record so far, in order: hooks that came in, decisions, attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from syncd.core.why.proving import Logged
from syncd.store import deliveries, traces
from syncd.store.database import Tx
from syncd.store.traces import Trace

MOST = 50  # rows; the newest


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    kind: str  # hook, attempt or decision; log: PagerDuty's own, of an incident's times
    what: str  # the event's type, or the change
    direction: str  # inbound: from PagerDuty
    by: str = ""
    outcome: str = ""
    reason: str = ""
    says: str = ""
    attempt: int = 0
    delivery: int | None = None


def of(
    tx: Tx,
    filters: Mapping[str, object],
    waiting: Sequence[Trace],
    sides: Mapping[str, str],
    within: Collection[str] = (),
) -> list[Step]:
    """`sides`: the direction that a source's hooks go. A hook stands before what came of it."""
    rows = deliveries.find(tx, filters, limit=MOST, within=within)
    came = traces.hooks(tx, {row["arrival_id"] for row in rows if row["arrival_id"] is not None})
    hooks = {one.id: one for one in (*came, *waiting)}
    steps = [_of_hook(one, sides) for one in hooks.values()] + [_of_row(row) for row in rows]
    return sorted(steps, key=lambda one: (one.at, one.delivery or 0))


def of_log(log: Sequence[Logged]) -> list[Step]:
    return [Step(one.at, "log", one.what, "", one.by) for one in log[-MOST:]]


def _of_hook(one: Trace, sides: Mapping[str, str]) -> Step:
    return Step(
        one.received_at, "hook", one.event_type or "unknown", sides.get(one.source, ""), says=f"From {one.source}."
    )


def _of_row(row: Mapping[str, Any]) -> Step:
    return Step(
        row["recorded_at"],
        "attempt" if row["attempt"] and row["started_at"] is not None else "decision",
        row["change"],
        row["direction"],
        row["actor"],
        row["outcome"],
        row["reason"],
        row["detail"],
        row["attempt"],
        row["id"],
    )
