"""A query as a value: terms that must all hold, each a field and the values it may have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Nothing(Enum):
    NONE = "none"


NONE = Nothing.NONE


@dataclass(frozen=True, slots=True)
class Text:
    """Its pieces, with anything between them. One piece is the text itself; (`CS-10`, ``) is what begins so."""

    pieces: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        return len(self.pieces) == 1

    def fits(self, word: str) -> bool:
        """As the databases decide it."""
        if self.is_exact:
            return word == self.pieces[0]
        first, *middle, last = self.pieces
        if not (word.startswith(first) and word.endswith(last)) or len(word) < len(first) + len(last):
            return False
        inner = word[len(first) : len(word) - len(last)]
        for piece in middle:
            _, found, inner = inner.partition(piece)
            if not found:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` up to, and without, `high`: numbers, milliseconds, or microseconds since 1970."""

    low: int | None
    high: int | None


Value = Text | Span | Nothing


@dataclass(frozen=True, slots=True)
class Term:
    field: str
    values: tuple[Value, ...]  # any of them
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    terms: tuple[Term, ...] = ()

    def __and__(self, other: Query) -> Query:
        return Query(self.terms + other.terms)

    def names(self, field: str) -> bool:
        return any(term.field == field for term in self.terms)


EVERYTHING = Query()


def only(field: str, *words: str) -> Query:
    """Exactly these words, whatever signs are in them."""
    return Query((Term(field, tuple(Text((word,)) if word else NONE for word in words)),))
