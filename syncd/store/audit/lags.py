"""How long changes took, over time: for each step what half of them, and what 95 of a hundred, kept to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from syncd.core.query import window
from syncd.core.query.measures import moment_of
from syncd.core.query.terms import Query
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .conditions import conditions
from .counts import seconds_of, steps

HALF, MOST = 50, 95
_lag = deliveries.c.e2e_ms


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    ms: Mapping[int, int]  # of so many in a hundred, at most so long; empty where nothing was carried over


@dataclass(frozen=True, slots=True)
class Lags:
    start: datetime
    end: datetime
    steps: Sequence[Step]


def lags(tx: Tx, query: Query, now: datetime, *, within: Collection[str] = ()) -> Lags:
    """Of a query that names its time."""
    start, end = window.bounds(query, now)
    if start is None:
        raise ValueError("The query has to say since when.")
    size = window.step(start, end)
    first = int(start.timestamp()) // size * size
    number = (seconds_of(tx) - first) // size
    rank = func.row_number().over(partition_by=number, order_by=_lag)
    count = func.count().over(partition_by=number)
    wanted = [*conditions(tx, query, now, within), _lag.is_not(None)]
    rows = (
        select(number.label("step"), _lag.label("ms"), rank.label("rank"), count.label("count"))
        .where(*wanted)
        .subquery()
    )
    chosen = or_(*(rows.c.rank == (rows.c["count"] * share + 99) // 100 for share in (HALF, MOST)))
    found: dict[int, dict[int, int]] = {}
    for row in tx.execute(select(rows).where(chosen)).mappings():
        ranks = {share: (row["count"] * share + 99) // 100 for share in (HALF, MOST)}
        found.setdefault(row["step"], {}).update({share: row["ms"] for share in ranks if ranks[share] == row["rank"]})
    return Lags(
        start,
        end,
        [Step(moment_of(at * 1_000_000), found.get((at - first) // size, {})) for at in steps(first, end, size)],
    )
