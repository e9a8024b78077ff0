"""JSON from strangers: parsed within bounds, cleaned of what a database refuses, and read without trusting its shape."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

Json = Mapping[str, Any]  # the one place that says Any: JSON at the edge

DEPTH = 64
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
NAME_LIMIT = 255
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SPELT_OUT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # how JSON that is proper text may still hold one of them


class NotADocument(ValueError):
    """Not JSON, or JSON that nothing honest sends."""


def clean(text: str) -> str:
    """PostgreSQL refuses NUL and lone surrogates: they become a visible replacement character."""
    return _UNSTORABLE.sub("\ufffd", text)


def parse(text: str) -> object:
    try:
        value: object = _DECODER.decode(text)
    except RecursionError as error:
        raise NotADocument(f"The JSON is nested deeper than {DEPTH} levels.") from error
    except ValueError as error:  # Also an integer of more than 4,300 digits.
        raise NotADocument(f"It is not JSON ({error}).") from error
    return value if _is_harmless(text) else cleaned(value)


def _is_harmless(text: str) -> bool:
    """Surely storable and shallow, told from the text alone: most documents need no second walk, value by value."""
    if text.count("{") + text.count("[") > DEPTH or ("\\" in text and _SPELT_OUT.search(text)):
        return False
    # JSON itself refuses NUL as it stands; only a surrogate may have come with text that nobody decoded strictly.
    return text.isascii() or not _UNSTORABLE.search(text)


def cleaned(value: object, depth: int = DEPTH) -> object:
    """The same value with storable text; refuses what is nested too deeply."""
    if isinstance(value, str):
        return clean(value)
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        raise NotADocument(f"The JSON is nested deeper than {DEPTH} levels.")
    if isinstance(value, list):
        return [cleaned(item, depth - 1) for item in value]
    return {clean(str(name)): cleaned(item, depth - 1) for name, item in value.items()}


def _refuse_constant(word: str) -> float:
    raise NotADocument(f"{word} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotADocument("A number is too large.")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def pick(value: object, *path: str) -> object:
    """What stands at the end of this path, or None where anything on the way is missing, null or of another kind."""
    for name in path:
        if not isinstance(value, (dict, Mapping)):  # An abstract class is slow to ask, and nearly all are dicts.
            return None
        value = value.get(name)
    return value


def pick_text(value: object, *path: str) -> str:
    found = pick(value, *path)
    return found if isinstance(found, str) else ""


def pick_name(value: object, *path: str) -> str:
    """An id or a word. Numbers are taken as text, since ids are opaque; what is too long for a name is none."""
    found = pick(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return found if isinstance(found, str) and len(found) <= NAME_LIMIT else ""


def pick_list(value: object, *path: str) -> Sequence[object]:
    found = pick(value, *path)
    return found if isinstance(found, list) else ()


def pick_time(value: object, *path: str) -> datetime | None:
    """ISO 8601; a time without a zone is taken as UTC."""
    return moment(pick_text(value, *path))


def moment(text: str, zone: tzinfo | None = UTC) -> datetime | None:
    """None for what is no time, or none that any database here and any clock around it could show.

    `zone` is that of a time that names none; without it there has to be one.
    """
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        if at.tzinfo is None:
            return None
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _FIRST_YEAR <= at.year <= _LAST_YEAR else None
