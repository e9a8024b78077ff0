"""A query to text, in one spelling, which is read as the same query."""

from __future__ import annotations

import re

from .fields import FIELDS, Field, Kind
from .measures import said
from .terms import Nothing, Query, Span, Term, Text, Value
from .tokens import CONJUNCTIONS

_PLAIN = re.compile(r"[\w@/+#][\w@/.+#-]*")
_COMPARES = ("<", ">")


def write(query: Query) -> str:
    return " ".join(write_term(term) for term in query.terms)


def write_term(term: Term) -> str:
    values = written_values(term)
    sign = "-" if term.is_negated else ""
    if FIELDS[term.field].kind is Kind.WORDS:
        return f"{sign}{values}"
    # Of several the sign belongs to the first alone, so they stand behind a colon.
    is_compared = len(term.values) == 1 and values.startswith(_COMPARES)
    return f"{sign}{term.field}{'' if is_compared else ':'}{values}"


def written_values(term: Term) -> str:
    return ",".join(_value(FIELDS[term.field], value) for value in term.values)


def _value(field: Field, value: Value) -> str:
    match value:
        case Nothing():
            return "none"
        case Span():
            return said(field, value)
        case Text(("none",)) if field.kind is not Kind.WORDS:
            return '"none"'
        case Text(pieces):
            return "*".join(_piece(piece) for piece in pieces) if any(pieces) or len(pieces) > 1 else '""'


def _piece(piece: str) -> str:
    if not piece or (_PLAIN.fullmatch(piece) and piece not in CONJUNCTIONS):
        return piece
    escaped = piece.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
