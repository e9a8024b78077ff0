"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    String,
    bindparam,
    literal,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: Grows by itself. SQLite only does that for INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")
Word = String(64)  # one of our own words: a state, a kind, a slug
Name = String(255)  # somebody else's identifier
#: Of a binary column that holds nothing sealed. One that does says for what: `sealed_for`.
IN_THE_OPEN = {"is_open": True}


def says(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Written into the statement: SQLite uses a partial index only for the very words of its condition."""
    return column == literal(word, literal_execute=True)


def says_one_of(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    return column.in_(bindparam(None, words, expanding=True, literal_execute=True))


def many(name: str) -> BindParameter[Any]:
    """A list, given when the statement is sent. A statement made once costs a tenth of one made for each sending."""
    return bindparam(name, expanding=True)


def storable(value: object) -> object:
    """PostgreSQL takes neither NUL nor lone surrogates in text; what is shown of them is the mark for it."""
    if isinstance(value, str) and ("\x00" in value or not value.isascii()):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


class Moment(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps it as text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a time without a zone was about to be stored"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
