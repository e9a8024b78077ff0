"""Terms as conditions. Nothing that somebody typed is ever part of a statement: values are bound, columns stand here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, and_, collate, false, func, literal, not_, or_, true

from syncd.core.query.fields import FIELDS, Field, Kind
from syncd.core.query.measures import moment_of
from syncd.core.query.terms import Nothing, Query, Span, Term, Text, Value
from syncd.store.cases import spelt
from syncd.store.columns import says_one_of, storable
from syncd.store.database import Tx
from syncd.store.tables import deliveries

Condition = ColumnElement[bool]
_at = deliveries.c.recorded_at

COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "id": deliveries.c.id,
    "at": _at,
    "age": _at,
    "direction": deliveries.c.direction,
    "outcome": deliveries.c.outcome,
    "reason": deliveries.c.reason,
    "change": deliveries.c.change,
    "action": deliveries.c.action,
    "case": deliveries.c.case_id,
    "incident": deliveries.c.incident_id,
    "link": deliveries.c.link_id,
    "connector": deliveries.c.connector,
    "integration": deliveries.c.integration,
    "source": deliveries.c.source_system,
    "target": deliveries.c.destination_system,
    "http": deliveries.c.http_status,
    "attempt": deliveries.c.attempt,
    "latency": deliveries.c.e2e_ms,
    "took": deliveries.c.duration_ms,
    "actor": deliveries.c.actor,
    "trace": deliveries.c.trace,
    "request": deliveries.c.request_id,
    "replay": deliveries.c.replay_of,
    "errand": deliveries.c.errand_id,
    "arrival": deliveries.c.arrival_id,
}
#: Where words without a field are looked for.
_WORDS: Sequence[ColumnElement[str]] = (
    deliveries.c.detail,
    deliveries.c.actor,
    deliveries.c.case_id,
    deliveries.c.incident_id,
    deliveries.c.connector,
)
_IN_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})
_IN_GLOB = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def conditions(tx: Tx, query: Query, now: datetime, within: Collection[str] = ()) -> list[Condition]:
    """`within` are the accounts that whoever asks may see; empty: all."""
    asking = _Asking(tx.dialect, now)
    scope = [deliveries.c.integration.in_(sorted(within))] if within else []
    return [*scope, *(asking.term(term) for term in query.terms)]


def plainly(dialect: Dialect, column: ColumnElement[str]) -> ColumnElement[str]:
    """By code points, as SQLite orders text and makes letters small: whatever language PostgreSQL was set up in."""
    return column if dialect.name == "sqlite" else collate(column, "C")


@dataclass(frozen=True, slots=True)
class _Asking:
    dialect: Dialect
    now: datetime

    def term(self, term: Term) -> Condition:
        field = FIELDS[term.field]
        any_of = self._any(field, term.values)
        # What is not known is not equal to anything, and so it belongs to what is asked for.
        return not_(func.coalesce(any_of, false())) if term.is_negated else any_of

    def _any(self, field: Field, values: Sequence[Value]) -> Condition:
        if field.kind is Kind.CHOICE:
            return self._choice(field, values)
        exact = [value for value in values if isinstance(value, Text) and value.is_exact and field.kind is Kind.NAME]
        others = [self._one(field, value) for value in values if value not in exact]
        if exact:
            names = [one.pieces[0] for one in exact]
            if field.name == "case":  # Ours are found however they are written, and so is a case system's own cs-5.
                names = list(dict.fromkeys([*names, *map(spelt, names)]))
            others.append(COLUMNS[field.name].in_([storable(one) for one in names]))
        return or_(*others)

    def _choice(self, field: Field, values: Sequence[Value]) -> Condition:
        """Our own words are written into the statement, since a partial index is found by them alone."""
        fitting = [one for one in field.choices if any(isinstance(each, Text) and each.fits(one) for each in values)]
        return true() if len(fitting) == len(field.choices) else says_one_of(COLUMNS[field.name], fitting)

    def _one(self, field: Field, value: Value) -> Condition:
        match value:
            case Nothing():
                column = COLUMNS[field.name]
                return column == "" if field.kind is Kind.NAME else column.is_(None)
            case Span():
                return _span(field, value, self.now)
            case Text() if field.kind is Kind.WORDS:
                return or_(*(self._stands_in(column, value) for column in _WORDS))
            case Text():
                return self._fits(COLUMNS[field.name], value)

    def _fits(self, column: ColumnElement[str], text: Text) -> Condition:
        if not any(text.pieces):
            return column != ""
        pieces = [str(storable(piece)) for piece in text.pieces]
        if self.dialect.name == "sqlite":  # whose LIKE takes no notice of capitals
            glob: Condition = column.bool_op("GLOB")("*".join(piece.translate(_IN_GLOB) for piece in pieces))
            return glob
        return column.like("%".join(piece.translate(_IN_LIKE) for piece in pieces), escape="\\")

    def _stands_in(self, column: ColumnElement[str], text: Text) -> Condition:
        pieces = [str(storable(piece)).translate(_SMALL).translate(_IN_LIKE) for piece in text.pieces]
        small = func.lower(plainly(self.dialect, column))
        return small.like(f"%{'%'.join(pieces)}%", escape="\\")


def _span(field: Field, span: Span, now: datetime) -> Condition:
    column, bound = COLUMNS[field.name], _BOUNDS[field.kind]
    if field.kind is Kind.AGE:  # counted backwards: what is younger than `high` came after that
        after = [column > now - bound(span.high)] if span.high is not None else []
        until = [column <= now - bound(span.low)] if span.low is not None else []
        return and_(true(), *after, *until)
    low = [column >= bound(span.low)] if span.low is not None else []
    high = [column < bound(span.high)] if span.high is not None else []
    if low and span.high == (span.low or 0) + 1 and field.kind is not Kind.MOMENT:
        low, high = [column == bound(span.low or 0)], []
    return and_(true(), *low, *high)


_BOUNDS: Mapping[Kind, Callable[[int], Any]] = {
    Kind.MOMENT: moment_of,
    Kind.AGE: lambda ms: timedelta(milliseconds=ms),
    # Wide, whatever the column: PostgreSQL refuses a number that is too large for it, and nothing simply equals that.
    Kind.NUMBER: lambda number: literal(number, BigInteger),
    Kind.DURATION: lambda ms: literal(ms, BigInteger),
}
