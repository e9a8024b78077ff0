"""Counting rows for those who watch: each is counted once, and stays counted when it is thrown away.

What was counted up to a row is kept; of what came after it the table itself is asked. So a look costs what is new, and not what there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.core.changes import Verb
from syncd.core.reasons import Outcome, Reason

from .database import Tx
from .inflow import OUR_OWN
from .tables import arrivals, deliveries
from .tables_of_signals import tallies

#: Milliseconds: a change is to be over there within seconds, and what an outage kept may take a day.
LAG_MS = (250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000)
LONGER = "longer"
NO_ANSWER = "none"
OTHER = "other"


class Book(StrEnum):
    """The tables that are counted."""

    DELIVERIES = "deliveries"
    HOOKS = "hooks"


class Count(StrEnum):
    """What is counted of a row; each has words of its own behind it."""

    DELIVERY = "delivery"  # direction, change, outcome
    ATTEMPT = "attempt"  # direction, class of the answer's status
    LAG = "lag"  # direction, the first limit it keeps to
    LAG_MS = "lag_ms"  # direction: milliseconds, all together
    HOOK = "hook"  # source, what became of it


class Became(StrEnum):
    """What became of a hook."""

    TAKEN = "taken"
    REPEATED = "repeated"
    REJECTED = "rejected"


Key = tuple[str, ...]  # a Count, then its words
Totals = Mapping[Key, int]
_TABLES = {Book.DELIVERIES: deliveries, Book.HOOKS: arrivals}
_TIMES = {Book.DELIVERIES: deliveries.c.recorded_at, Book.HOOKS: arrivals.c.received_at}


@dataclass(frozen=True, slots=True)
class Kept:
    """Up to which row it was counted, and what that came to."""

    upto: int = 0
    totals: Totals = field(default_factory=dict)
    after: int = 0  # the row behind which it goes on


def kept(tx: Tx, book: Book) -> Kept:
    row = tx.execute(select(tallies).where(tallies.c.book == book)).one_or_none()
    if row is None:
        return Kept()
    is_anew = _is_numbered_anew(tx, book, row.upto, row.counted_at)
    return Kept(row.upto, {tuple(words): count for *words, count in row.totals}, 0 if is_anew else row.upto)


def _is_numbered_anew(tx: Tx, book: Book, upto: int, counted_at: datetime) -> bool:
    """SQLite begins with 1 again once a table has been emptied: then a row in the place of one that was counted is younger."""
    table, time = _TABLES[book], _TIMES[book]
    youngest = select(time).where(table.c.id <= upto).order_by(table.c.id.desc()).limit(1)
    at = tx.execute(youngest).scalar_one_or_none()
    return at is not None and at >= counted_at


def begin(tx: Tx, book: Book, now: datetime) -> None:
    """The first time anybody counts."""
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(tallies).values(book=book, upto=0, totals=[], counted_at=now)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["book"]))


def keep(tx: Tx, book: Book, was: int, upto: int, totals: Totals, now: datetime) -> bool:
    """False: another process has counted further meanwhile."""
    values = {"upto": upto, "totals": [[*key, count] for key, count in sorted(totals.items())], "counted_at": now}
    statement = update(tallies).where(tallies.c.book == book, tallies.c.upto == was).values(**values)
    return tx.execute(statement).rowcount == 1


def last(tx: Tx, book: Book) -> int:
    """The youngest row there is; 0 for none."""
    return tx.execute(select(func.max(_TABLES[book].c.id))).scalar_one() or 0


def last_before(tx: Tx, book: Book, at: datetime) -> int:
    """The youngest row of before that; 0 for none. Looked for backwards, since rows come in nearly in their order."""
    table, time = _TABLES[book], _TIMES[book]
    return (
        tx.execute(select(table.c.id).where(time < at).order_by(table.c.id.desc()).limit(1)).scalar_one_or_none() or 0
    )


def between(tx: Tx, book: Book, after: int, upto: int) -> Totals:
    """What the rows behind `after`, up to `upto`, come to."""
    counted: Counter[Key] = Counter()
    is_of_deliveries = book is Book.DELIVERIES
    statement, tell = (_of_deliveries, _told_by_deliveries) if is_of_deliveries else (_of_hooks, _told_by_hooks)
    for row in tx.execute(statement(after, upto)):
        for key, number in tell(row):
            counted[key] += number
    return counted


def _told_by_deliveries(row: Row[Any]) -> Iterator[tuple[Key, int]]:
    if row.source:
        became = Became.REJECTED if row.outcome == Outcome.REJECTED else Became.REPEATED
        yield (Count.HOOK, row.source, became), row.number
    yield (Count.DELIVERY, row.direction, _change(row.change), row.outcome), row.number
    if row.answer >= 0:
        yield (Count.ATTEMPT, row.direction, f"{row.answer}xx" if row.answer else NO_ANSWER), row.number
    if row.within:
        yield (Count.LAG, row.direction, row.within), row.number
        yield (Count.LAG_MS, row.direction), int(row.lag_ms)


def _told_by_hooks(row: Row[Any]) -> Iterator[tuple[Key, int]]:
    yield (Count.HOOK, row.source, Became.TAKEN), row.number


def _change(word: str) -> str:
    """Of a hook that was not read it is whatever its sender calls it: nobody's words may make series without end."""
    return word if word in _CHANGES else OTHER


_CHANGES = frozenset(Verb)
_ROW = deliveries.c
_IS_REPEAT = and_(_ROW.reason == Reason.DUPLICATE, _ROW.arrival_id.is_(None), _ROW.errand_id.is_(None))
_IS_OF_HOOK = or_(_ROW.outcome == Outcome.REJECTED, _IS_REPEAT)
_IS_ATTEMPT = and_(_ROW.errand_id.is_not(None), _ROW.attempt > 0, _ROW.method != "")
_HAS_LAG = and_(_ROW.outcome == Outcome.APPLIED, _ROW.e2e_ms.is_not(None))
_WITHIN = case(*((_ROW.e2e_ms <= limit, str(limit)) for limit in LAG_MS), else_=LONGER)
_GROUPS = ("direction", "change", "outcome", "source", "answer", "within")
_COLUMNS = (
    _ROW.id,
    _ROW.direction,
    _ROW.change,
    _ROW.outcome,
    case((_IS_OF_HOOK, _ROW.source_system), else_="").label("source"),
    case((_IS_ATTEMPT, func.coalesce(_ROW.http_status, 0) // 100), else_=-1).label("answer"),
    case((_HAS_LAG, _WITHIN), else_="").label("within"),
    case((_HAS_LAG, _ROW.e2e_ms), else_=0).label("lag_ms"),
)
_IS_OURS = or_(
    arrivals.c.event_type.startswith(OUR_OWN, autoescape=True),
    arrivals.c.replay_of.is_not(None),
    arrivals.c.reconcile_id.is_not(None),
)


def _of_deliveries(after: int, upto: int) -> Select[Any]:
    told = select(*_COLUMNS).where(_ROW.id > after, _ROW.id <= upto).subquery()
    groups = [told.c[name] for name in _GROUPS]
    return select(*groups, func.count().label("number"), func.sum(told.c.lag_ms).label("lag_ms")).group_by(*groups)


def _of_hooks(after: int, upto: int) -> Select[str, int]:
    which = (arrivals.c.id > after, arrivals.c.id <= upto, ~_IS_OURS)
    return select(arrivals.c.source, func.count().label("number")).where(*which).group_by(arrivals.c.source)
