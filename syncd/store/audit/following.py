"""Deliveries as they come in, each once: what a look shows, and from where the next one goes on.

Numbers are given out when a row is written and seen when it is committed, so that a lower one may come after a higher one. A number
that is missing is therefore asked for again, until everybody has ended who may have been given it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, func, or_, select, text

from syncd.core.query.measures import microseconds_of, moment_of
from syncd.core.query.terms import Query
from syncd.errors import Misconfigured
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .conditions import conditions
from .pages import Row

WRITTEN_WITHIN = timedelta(
    minutes=2
)  # of what was missing already when somebody began to follow, no more is waited for
NUMBERED_WITHIN = timedelta(
    seconds=10
)  # a number may be taken a little before its transaction is counted among the writers
MOST_GAPS = 100  # waited for at once; what stands behind more of them has to wait
MOST_LOOKED_AT = 100_000  # numbers in one look
_TOKEN = re.compile(r"(\d{1,18})((?:_\d{1,18}-\d{1,18}-\d{1,18}-\d{1,17})*)", re.ASCII)
_LONGEST = 10_000
_id = deliveries.c.id


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that nobody has seen."""

    first: int
    last: int
    writers: int  # whoever may have been given them has a lower number of its own
    at: datetime  # when they were first missed

    def __str__(self) -> str:
        return f"_{self.first}-{self.last}-{self.writers}-{microseconds_of(self.at)}"


@dataclass(frozen=True, slots=True)
class Place:
    """All up to `upto` has been looked at, but for the gaps."""

    upto: int
    gaps: tuple[Gap, ...] = ()

    def __str__(self) -> str:
        return f"{self.upto}{''.join(map(str, self.gaps))}"


@dataclass(frozen=True, slots=True)
class Seen:
    rows: Sequence[Row]  # the lowest number first
    next: Place
    is_more: bool  # there are more already


@dataclass(frozen=True, slots=True)
class _Writers:
    """The transactions that write, by their numbers."""

    oldest: int  # every lower one has ended
    next: int  # nobody has had it yet


def place(token: str) -> Place:
    found = _TOKEN.fullmatch(token) if len(token) <= _LONGEST else None
    if found is None:
        raise Misconfigured(
            f"after={token[:60]!r} is no place to go on from; take it from the `next` of the answer before."
        )
    gaps = [[int(number) for number in one.split("-")] for one in found[2].split("_")[1:]]
    return Place(int(found[1]), tuple(Gap(first, last, who, moment_of(at)) for first, last, who, at in gaps))


def begin(tx: Tx, now: datetime, since: datetime | None) -> Place:
    """From this moment, or from an earlier one. What is being written at this moment is still to come."""
    writers = _at_one_moment(tx)
    settled = _last_before(tx, now - WRITTEN_WITHIN)
    upto = _last(tx) if since is None else _last_before(tx, since)
    return Place(upto, tuple(_missing(tx, min(settled, upto), upto, writers, now)))


def look(tx: Tx, after: Place, query: Query, now: datetime, *, limit: int, within: Collection[str] = ()) -> Seen:
    """`now` was asked in a transaction before, so that all of this one sees the same moment. Of new ones at most `limit` are shown."""
    writers = _at_one_moment(tx)
    there = _last(tx)
    wanted = conditions(tx, query, now, within)
    late = _late(tx, after.gaps, wanted, limit)
    gaps = _without(after.gaps, late.there)
    if late.is_cut:
        return Seen(late.rows, Place(after.upto, tuple(gaps)), is_more=True)
    gaps = [gap for gap in gaps if not _is_over(gap, writers, now)]
    upto = _reached(tx, after.upto, there, wanted, limit)
    missing = _missing(tx, _last_before(tx, now - WRITTEN_WITHIN, after.upto), upto, writers, now)
    room = max(0, MOST_GAPS - len(gaps))
    if len(missing) > room:
        missing = missing[:room]
        upto = missing[-1].last if missing else after.upto
    rows = [*late.rows, *_rows(tx, [_between(after.upto + 1, upto)], wanted)]
    return Seen(rows, Place(upto, (*gaps, *missing)), is_more=after.upto < upto < there)


@dataclass(frozen=True, slots=True)
class _Late:
    """What has turned up where something was missing."""

    rows: Sequence[Row] = ()
    there: Sequence[int] = ()  # with those that nobody asks for
    is_cut: bool = False  # there are more


def _late(tx: Tx, gaps: Sequence[Gap], wanted: Sequence[ColumnElement[bool]], limit: int) -> _Late:
    if not gaps:
        return _Late()
    among = [_between(gap.first, gap.last) for gap in gaps]
    rows = _rows(tx, among, wanted, limit)
    known = select(_id).where(or_(*among)).order_by(_id).limit(MOST_LOOKED_AT)
    there = tx.scalars(known.where(_id <= rows[-1]["id"]) if len(rows) == limit else known).all()
    end = there[-1] if there else 0
    is_cut = len(rows) == limit or len(there) == MOST_LOOKED_AT
    return _Late([row for row in rows if row["id"] <= end], there, is_cut)


def _rows(
    tx: Tx, among: Sequence[ColumnElement[bool]], wanted: Sequence[ColumnElement[bool]], limit: int | None = None
) -> list[Row]:
    statement = select(deliveries).where(or_(*among), *wanted).order_by(_id).limit(limit)
    return [dict(row) for row in tx.execute(statement).mappings()]


def _reached(tx: Tx, after: int, there: int, wanted: Sequence[ColumnElement[bool]], limit: int) -> int:
    """How far one look goes: up to the last row that it may show, and over no more rows than are read at once.

    Back, where the highest rows were pruned: SQLite gives their numbers out once more.
    """
    rows = select(_id).where(_id > after).order_by(_id)
    end = tx.execute(rows.offset(MOST_LOOKED_AT - 1).limit(1)).scalar_one_or_none() or there
    last = rows.where(_id <= end, *wanted).offset(limit - 1).limit(1)
    return tx.execute(last).scalar_one_or_none() or end


def _missing(tx: Tx, after: int, upto: int, writers: _Writers | None, now: datetime) -> list[Gap]:
    """`upto` is a row. SQLite has one writer at a time, and leaves none out."""
    if writers is None or upto <= after:
        return []
    before = func.lag(_id, 1, after).over(order_by=_id).label("before")
    numbers = select(_id.label("id"), before).where(_between(after + 1, upto)).subquery()
    statement = select(numbers.c.before, numbers.c.id).where(numbers.c.id > numbers.c.before + 1).order_by(numbers.c.id)
    return [Gap(low + 1, high - 1, writers.next, now) for low, high in tx.execute(statement)]


def _without(gaps: Sequence[Gap], there: Sequence[int]) -> list[Gap]:
    """What has turned up is missing no longer."""
    left: list[Gap] = []
    for gap in gaps:
        first = gap.first
        for number in (one for one in there if gap.first <= one <= gap.last):
            if number > first:
                left.append(replace(gap, first=first, last=number - 1))
            first = number + 1
        if first <= gap.last:
            left.append(replace(gap, first=first))
    return left


def _is_over(gap: Gap, writers: _Writers | None, now: datetime) -> bool:
    """Whoever took these numbers has taken them back: nobody writes any more who was writing then."""
    return writers is None or (writers.oldest >= gap.writers and now - gap.at > NUMBERED_WITHIN)


def _at_one_moment(tx: Tx) -> _Writers | None:
    """From here on the transaction sees one moment. None: there is one writer at a time."""
    if tx.dialect.name == "sqlite":
        return None
    tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    this = func.pg_current_snapshot()
    oldest, coming = (
        cast(cast(part, Text), BigInteger) for part in (func.pg_snapshot_xmin(this), func.pg_snapshot_xmax(this))
    )
    return _Writers(*tx.execute(select(oldest, coming)).one())


def _between(first: int, last: int) -> ColumnElement[bool]:
    return and_(_id >= first, _id <= last)


def _last(tx: Tx) -> int:
    return tx.execute(select(func.max(_id))).scalar_one() or 0


def _last_before(tx: Tx, at: datetime, after: int = 0) -> int:
    """Looked for backwards, since rows come in nearly in their order."""
    statement = select(_id).where(deliveries.c.recorded_at < at, _id > after).order_by(_id.desc()).limit(1)
    return tx.execute(statement).scalar_one_or_none() or after
