"""Any query that can be asked."""

from __future__ import annotations

from hypothesis import strategies as some

from syncd.core.query.fields import FIELDS, Field, Kind
from syncd.core.query.terms import NONE, Query, Span, Term, Text, Value

#: What a database keeps and an address carries.
WORDS = some.text(some.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
_MOST = {Kind.NUMBER: 10**15 - 1, Kind.DURATION: 10**12, Kind.AGE: 10**12, Kind.MOMENT: 8 * 10**16}


@some.composite
def _spans(draw: some.DrawFn, kind: Kind) -> Span:
    numbers = some.integers(0, _MOST[kind] - 1) | some.sampled_from([60_000, 86_400_000, 86_400_000_000, 500])
    low, length = draw(some.none() | numbers), draw(some.none() | some.integers(1, 10**9) | some.just(100))
    if low is None:
        return Span(None, draw(numbers) + 1)
    return Span(low, None if length is None else min(low + length, _MOST[kind]))


@some.composite
def _patterns(draw: some.DrawFn) -> Text:
    empty = some.just("")
    return Text((draw(WORDS | empty), *draw(some.lists(WORDS, max_size=3)), draw(WORDS | empty)))


def _values(field: Field) -> some.SearchStrategy[Value]:
    none = some.just(NONE) if field.may_be_none else some.nothing()
    match field.kind:
        case Kind.CHOICE:
            return some.sampled_from([Text((choice,)) for choice in field.choices])
        case Kind.NAME:
            return WORDS.map(lambda word: Text((word,))) | _patterns() | none
        case Kind.WORDS:
            return some.lists(WORDS, min_size=1, max_size=3).map(lambda pieces: Text(tuple(pieces)))
        case kind:
            return _spans(kind) | none


@some.composite
def _terms(draw: some.DrawFn) -> Term:
    field = draw(some.sampled_from(list(FIELDS.values())))
    return Term(field.name, tuple(draw(some.lists(_values(field), min_size=1, max_size=3))), draw(some.booleans()))


QUERIES = some.lists(_terms(), max_size=5).map(lambda terms: Query(tuple(terms)))
#: Signs that mean something, in any order.
SCRIBBLE = some.text('outcome:failed,<>=!~-" \\*.httpcasg5x0123hmd\u00e9\n-TZ', max_size=40)
