"""A query as the parameters of an address, and back: each term is one, `q` is a whole query, and all of them must hold."""

from __future__ import annotations

from collections.abc import Iterable

from .reading import read, read_parameter
from .terms import Query, Term
from .writing import written_values

Pairs = Iterable[tuple[str, str]]
WHOLE = "q"


def from_parameters(pairs: Pairs) -> Query:
    """A form sends what was left empty too; that asks for nothing."""
    terms: list[Term] = []
    for name, text in pairs:
        if text.strip():
            terms += read(text).terms if name == WHOLE else [read_parameter(name, text)]
    return Query(tuple(terms))


def to_parameters(query: Query) -> list[tuple[str, str]]:
    return [(f"{'-' if term.is_negated else ''}{term.field}", written_values(term)) for term in query.terms]
