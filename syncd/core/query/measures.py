"""Numbers, durations and moments as people write them, and back. A unit of them reaches from its start up to its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from .fields import Field, Kind
from .terms import Span

_NUMBER = re.compile(r"[0-9]{1,15}")
_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)
_DURATION = re.compile(r"([0-9]{1,12})(ms|s|m|h|d|w)")
_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LONGEST = 100 * 365 * _MS["d"]
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<minute>[0-9]{2}:[0-9]{2})(?P<second>:[0-9]{2})?(?P<part>\.[0-9]{1,6})?(?P<zone>Z|[+ -][0-9]{2}:?[0-9]{2})?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_END_OF_TIME = 8_000 * 365 * 86_400_000_000
#: Microseconds, and how a moment is written that has no finer parts.
_FORMS: Sequence[tuple[int, str]] = (
    (86_400_000_000, "%Y-%m-%d"),
    (60_000_000, "%Y-%m-%dT%H:%M"),
    (1_000_000, "%Y-%m-%dT%H:%M:%S"),
    (1, "%Y-%m-%dT%H:%M:%S.%f"),
)


def unit(field: Field, text: str) -> Span | None:
    """None: it is no value of this kind."""
    match field.kind:
        case Kind.NUMBER if field.has_classes and (found := _CLASS.fullmatch(text)):
            return Span(int(found[1]) * 100, int(found[1]) * 100 + 100)
        case Kind.NUMBER if _NUMBER.fullmatch(text):
            return Span(int(text), int(text) + 1)
        case Kind.DURATION | Kind.AGE if found := _DURATION.fullmatch(text):
            length = int(found[1]) * _MS[found[2]]
            return Span(length, length + 1) if length <= _LONGEST else None
        case Kind.MOMENT if found := _MOMENT.fullmatch(text):
            return _moment(found)
        case _:
            return None


def _moment(found: re.Match[str]) -> Span | None:
    day, minute, second, part, zone = found.group("day", "minute", "second", "part", "zone")
    zone = (zone or "Z").replace(" ", "+")  # In an address a + that was not written as %2B is a blank.
    if part and not second:
        return None
    try:
        at = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ''}{part or ''}{zone}")
        start = (at.astimezone(UTC) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None
    length = _FORMS[3 if part else 2 if second else 1 if minute else 0][0]
    return Span(start, start + length) if 0 <= start < _END_OF_TIME else None


def moment_of(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND


def microseconds_of(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def said(field: Field, span: Span) -> str:
    """The shortest that is read as the same span."""
    low, high = span.low, span.high
    if low is None:
        return _shortest(("<", field, high or 0), ("<=", field, (high or 0) - 1))
    if high is None:
        return _shortest((">=", field, low), (">", field, low - 1))
    if field.kind is Kind.MOMENT:
        return _period(low, high)
    if field.has_classes and low % 100 == 0 and 1 <= low // 100 <= 5 and high == low + 100:
        return f"{low // 100}xx"
    return _one(field, low) if high == low + 1 else f"{_one(field, low)}..{_one(field, high - 1)}"


def _shortest(first: tuple[str, Field, int], second: tuple[str, Field, int]) -> str:
    """`>2s` rather than `>=2001ms`; the first unless the other is shorter by more than its sign."""
    sign, field, number = first
    other_sign, _, other = second
    text = f"{sign}{_one(field, number)}"
    if field.kind not in {Kind.DURATION, Kind.AGE} or other < 0:
        return text
    shorter = f"{other_sign}{_one(field, other)}"
    return shorter if len(shorter) < len(text) - 1 else text


def _one(field: Field, number: int) -> str:
    match field.kind:
        case Kind.MOMENT:
            return _start(number)[0]
        case Kind.DURATION | Kind.AGE:
            return length_said(number)
        case _:
            return str(number)


def length_said(ms: int) -> str:
    """In the largest unit that needs no fraction; a single day in hours, as people say it."""
    for name, size in (("d", _MS["d"]), ("h", _MS["h"]), ("m", _MS["m"]), ("s", _MS["s"])):
        if ms % size == 0 and (name != "d" or ms >= 2 * size):
            return f"{ms // size}{name}"
    return f"{ms}ms"


def _start(microseconds: int) -> tuple[str, int]:
    length, form = next((length, form) for length, form in _FORMS if microseconds % length == 0)
    at = moment_of(microseconds)
    return at.strftime(form), length


def _period(low: int, high: int) -> str:
    first, length = _start(low)
    if high == low + length:
        return first
    # The last unit that still belongs to it, as fine as its end.
    size = _start(high)[1]
    return f"{first}..{_written(high - size, size)}"


def _written(microseconds: int, size: int) -> str:
    form = next(form for length, form in _FORMS if length == size)
    return moment_of(microseconds).strftime(form)
