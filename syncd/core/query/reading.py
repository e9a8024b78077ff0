"""Text to a query. Whatever it cannot read it says with the place, and with what would be understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .fault import QueryError, guess
from .fields import FIELDS, ORDERED, TAKES, Field, Kind
from .measures import unit
from .terms import NONE, Query, Span, Term, Text, Value
from .tokens import Raw, Tokens

MOST_SIGNS = 4_000
MOST_TERMS = 50
MOST_VALUES = 100
MOST_STARS = 5
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database keeps it, and no address carries it


def read(text: str) -> Query:
    tokens = _tokens(text, "")
    terms: list[Term] = []
    while not tokens.is_over:
        if len(terms) == MOST_TERMS:
            raise tokens.wrong(f"a query has at most {MOST_TERMS} terms")
        terms.append(_term(tokens))
    return Query(tuple(terms))


def read_parameter(name: str, text: str) -> Term:
    """Of an address: `outcome` is `failed,retrying`, and `-reason` is `echo`."""
    field_name = name.removeprefix("-")
    if field_name not in FIELDS:
        raise QueryError(_no_field(field_name), 0, name)
    tokens, field = _tokens(text, name), FIELDS[field_name]
    term = Term(field.name, _values(tokens, field, tokens.values()), name.startswith("-"))
    if not tokens.is_over:
        raise tokens.wrong("a comma is missing here, or quotes around all of it")
    return term


def _tokens(text: str, where: str) -> Tokens:
    if len(text) > MOST_SIGNS:
        raise QueryError(f"a query has at most {MOST_SIGNS} characters", MOST_SIGNS, where)
    if found := _UNSTORABLE.search(text):
        raise QueryError("this character is stored nowhere, so nothing can match it", found.start(), where)
    return Tokens(text, where)


def _term(tokens: Tokens) -> Term:
    is_negated = tokens.takes("-")
    begins = tokens.at
    named = tokens.field()
    if named is None:
        field = FIELDS["text"]
        return Term(field.name, _values(tokens, field, tokens.words()), is_negated)
    name, sign = named
    if name not in FIELDS:
        raise tokens.wrong(_no_field(name), begins)
    field = FIELDS[name]
    compares = sign if sign in {"<", "<=", ">", ">="} else ""
    return Term(field.name, _values(tokens, field, tokens.values(compares)), is_negated != (sign == "!="))


def _no_field(name: str) -> str:
    if name == "next":
        return (
            "'next' is in the answer and no field; the page that follows is asked for by after=, with what stands there"
        )
    return f"{name!r} is no field{guess(name, FIELDS)}; the fields are {', '.join(FIELDS)}"


def _values(tokens: Tokens, field: Field, raws: list[Raw]) -> tuple[Value, ...]:
    if len(raws) > MOST_VALUES:
        raise tokens.wrong(f"a field takes at most {MOST_VALUES} values at once", raws[MOST_VALUES].position)
    return tuple(_value(tokens, field, raw) for raw in raws)


def _value(tokens: Tokens, field: Field, raw: Raw) -> Value:
    if raw.compares and field.kind not in ORDERED:
        raise tokens.wrong(
            f"{field.name} is not compared by {raw.compares!r}; it takes {TAKES[field.kind]}", raw.position
        )
    if len(raw.pieces) > MOST_STARS + 1:
        raise tokens.wrong(f"a value has at most {MOST_STARS} times *", raw.position)
    if raw.pieces == ("none",) and not raw.is_quoted and not raw.compares and field.kind is not Kind.WORDS:
        if field.may_be_none:
            return NONE
        if field.kind is not Kind.CHOICE:
            raise tokens.wrong(f"{field.name} is never none; it takes {TAKES[field.kind]}", raw.position)
    return _READERS[field.kind](tokens, field, raw)


def _choice(tokens: Tokens, field: Field, raw: Raw) -> Value:
    text = Text(tuple(piece.lower() for piece in raw.pieces))
    if not any(text.fits(choice) for choice in field.choices):
        near = guess(raw.text, field.choices)
        raise tokens.wrong(f"{field.name} is never {raw.text!r}{near}; it is {_or(field.choices)}", raw.position)
    return text


def _or(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _name(_: Tokens, field: Field, raw: Raw) -> Value:
    return NONE if raw.pieces == ("",) and field.may_be_none else Text(raw.pieces)


def _words(tokens: Tokens, field: Field, raw: Raw) -> Value:
    """A * at either end says nothing: it is looked for anywhere."""
    pieces = tuple(piece for piece in raw.pieces if piece)
    if not pieces:
        raise tokens.wrong(f"{field.name} takes {TAKES[field.kind]}", raw.position)
    return Text(pieces)


def _span(tokens: Tokens, field: Field, raw: Raw) -> Value:
    first, dots, last = raw.text.partition("..")
    if dots and not raw.compares:
        return _range(tokens, field, raw, first, last)
    one = unit(field, raw.text)
    if one is None:
        raise _not_of_its_kind(tokens, field, raw, raw.text)
    match raw.compares:
        case "<":
            return Span(None, one.low)
        case "<=":
            return Span(None, one.high)
        case ">":
            return Span(one.high, None)
        case ">=":
            return Span(one.low, None)
        case _:
            return one


def _range(tokens: Tokens, field: Field, raw: Raw, first: str, last: str) -> Span:
    start = unit(field, first) if first else Span(None, None)
    end = unit(field, last) if last else Span(None, None)
    if start is None or end is None or not (first or last):
        raise _not_of_its_kind(tokens, field, raw, first if start is None else last if end is None else "..")
    if start.low is not None and end.high is not None and start.low >= end.high:
        raise tokens.wrong(f"{raw.text!r} ends before it begins; write the smaller first", raw.position)
    return Span(start.low, end.high)


def _not_of_its_kind(tokens: Tokens, field: Field, raw: Raw, text: str) -> QueryError:
    if field.has_classes and text.lower().endswith("xx"):
        return tokens.wrong(f"{text!r} is no class of {field.name} statuses; those are 1xx to 5xx", raw.position)
    return tokens.wrong(f"{text!r} is nothing that {field.name} can be; it takes {TAKES[field.kind]}", raw.position)


_READERS: Mapping[Kind, Callable[[Tokens, Field, Raw], Value]] = {
    Kind.CHOICE: _choice,
    Kind.NAME: _name,
    Kind.WORDS: _words,
    **dict.fromkeys(ORDERED, _span),
}
