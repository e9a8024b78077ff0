"""How many deliveries a query finds: by the values of a field, over time, and how long they took."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import extract as part_of

from syncd.core.query import window
from syncd.core.query.measures import moment_of
from syncd.core.query.terms import Query
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .conditions import COLUMNS, conditions, plainly
from .pages import newest_first

MOST_ROWS = 100_000
MOST_VALUES = 20
SHARES = (50, 95, 99)
_at, _outcome, _lag = deliveries.c.recorded_at, deliveries.c.outcome, deliveries.c.e2e_ms


@dataclass(frozen=True, slots=True)
class Count:
    value: str  # empty: there is none
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    counted: int
    is_capped: bool  # only the newest were counted
    by: Mapping[str, Sequence[Count]]  # the commonest of each field


@dataclass(frozen=True, slots=True)
class Bar:
    at: datetime
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Histogram:
    start: datetime
    end: datetime
    step_s: int
    bars: Sequence[Bar]  # also those with nothing in them


@dataclass(frozen=True, slots=True)
class Lag:
    counted: int
    ms: Mapping[int, int]  # of so many in a hundred, at most so long; empty without any


def facets(
    tx: Tx,
    query: Query,
    now: datetime,
    fields: Sequence[str],
    *,
    within: Collection[str] = (),
    most: int = MOST_ROWS,
) -> Facets:
    columns = [COLUMNS[name].label(name) for name in fields]
    wanted = conditions(tx, window.bounded(query), now, within)
    rows = select(*columns).where(*wanted).order_by(*newest_first()).limit(most).cte("rows")
    # Counted once by all fields together: what is left to be counted by each is a small part of the rows.
    alike = select(*rows.c, func.count().label("count")).group_by(*rows.c).cte("alike")
    every = select(literal("").label("field"), literal("").label("value"), _sum(alike).label("count"))
    statement: CompoundSelect[Any] = union_all(every, *(_by(tx, alike, name) for name in fields))
    found: Sequence[tuple[str, str | None, int]] = [tuple(row) for row in tx.execute(statement)]
    counted = next(count for field, _, count in found if not field)
    by = {name: [Count(value or "", count) for field, value, count in found if field == name] for name in fields}
    return Facets(counted, counted == most, {name: sorted(by[name], key=_commonest) for name in fields})


def _commonest(one: Count) -> tuple[int, str]:
    return -one.count, one.value


def _sum(alike: CTE) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(alike.c["count"]), 0), BigInteger)


def _by(tx: Tx, alike: CTE, name: str) -> Select[Any]:
    column, count = alike.c[name], _sum(alike)
    value = cast(column, Text)
    # A part of a union may be cut off only inside another.
    top = select(literal(name).label("field"), value.label("value"), count.label("count")).group_by(column)
    cut = top.order_by(count.desc(), plainly(tx.dialect, value)).limit(MOST_VALUES).subquery()
    return select(cut.c.field, cut.c.value, cut.c["count"])


def histogram(tx: Tx, query: Query, now: datetime, *, within: Collection[str] = ()) -> Histogram:
    asked = window.bounded(query)
    wanted = conditions(tx, asked, now, within)
    start, end = window.bounds(asked, now)
    if start is None:
        oldest: datetime | None = tx.execute(select(func.min(_at)).where(*wanted)).scalar_one()
        start = end if oldest is None else oldest
    step = window.step(start, end)
    first = int(start.timestamp()) // step * step
    number = (seconds_of(tx) - first) // step
    statement = select(number, _outcome, func.count()).where(*wanted).group_by(number, _outcome)
    found: dict[int, dict[str, int]] = {}
    for bar, outcome, count in tx.execute(statement):
        found.setdefault(bar, {})[outcome] = count
    bars = [Bar(moment_of(at * 1_000_000), found.get((at - first) // step, {})) for at in steps(first, end, step)]
    return Histogram(start, end, step, bars)


def steps(first: int, end: datetime, step: int) -> Iterator[int]:
    """A row of the very end, which was recorded just now, has its bar too."""
    return iter(range(first, max(int(end.timestamp()), first) + 1, step))


def seconds_of(tx: Tx) -> ColumnElement[int]:
    """Since 1970, without their fraction."""
    seconds = part_of("epoch", _at)
    return cast(seconds if tx.dialect.name == "sqlite" else func.floor(seconds), BigInteger)


def lag(tx: Tx, query: Query, now: datetime, *, within: Collection[str] = ()) -> Lag:
    """Each is the time of a row there is: the smallest that so many of a hundred do not exceed."""
    wanted = [*conditions(tx, window.bounded(query), now, within), _lag.is_not(None)]
    rank, all_of_them = func.row_number().over(order_by=_lag), func.count().over()
    rows = select(_lag.label("ms"), rank.label("number"), all_of_them.label("count")).where(*wanted).subquery()
    ranks = [(rows.c["count"] * share + 99) // 100 for share in SHARES]
    chosen = or_(*(rows.c.number == rank for rank in ranks))
    found = tx.execute(select(rows.c.ms, rows.c.number, rows.c["count"]).where(chosen)).all()
    if not found:
        return Lag(0, {})
    count, by_number = found[0][2], {number: ms for ms, number, _ in found}
    return Lag(count, {share: by_number[(count * share + 99) // 100] for share in SHARES})
