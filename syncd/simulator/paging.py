"""Classic pagination and time windows, with PagerDuty's limits and refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from syncd.simulator.asked import Asked, Json
from syncd.simulator.refusals import Refused, invalid
from syncd.simulator.switches import Switches

Item = TypeVar("Item")

DEFAULT_LIMIT, MOST = 25, 100
DEEPEST = 10_000
TOO_DEEP = f"Offset+limit exceeds maximum allowed value of {DEEPEST}. Try a smaller time range or filter."
DEFAULT_SPAN, LONGEST_SPAN = timedelta(days=31), timedelta(days=184)


def page(asked: Asked, switches: Switches, name: str, items: Sequence[Item], show: Callable[[Item], Json]) -> Json:
    shown = page_of_shifts(asked, switches, name, items, show, Limits())
    return {**shown, "total": len(items) if asked.one("total") == "true" else None}


@dataclass(frozen=True, slots=True)
class Limits:
    default: int = DEFAULT_LIMIT
    most: int = MOST


def page_of_shifts(
    asked: Asked,
    switches: Switches,
    name: str,
    items: Sequence[Item],
    show: Callable[[Item], Json],
    limits: Limits,
) -> Json:
    """What the lists of shift-based schedules answer: they never tell a total."""
    limit, offset = number(asked, "limit", limits.default), number(asked, "offset", 0)
    if limit > limits.most:
        if switches.limit_above_100 == "refuse":
            raise invalid(f"Limit must be between 1 and {limits.most}.")
        limit = limits.most
    if offset + limit > DEEPEST:
        raise invalid(TOO_DEEP)
    shown = items[offset : offset + limit]
    return {
        name: [show(item) for item in shown],
        "limit": limit,
        "offset": offset,
        "more": offset + limit < len(items),
    }


def number(asked: Asked, name: str, otherwise: int) -> int:
    given = asked.one(name)
    if given is None or given == "":
        return otherwise
    if not given.isdecimal() or (name == "limit" and int(given) == 0):
        raise invalid(f"{name.capitalize()} must be a number.")
    return int(given)


def window(asked: Asked, now: datetime) -> tuple[datetime, datetime] | None:
    """None: no window, everything counts."""
    if asked.one("date_range") == "all":
        return None
    until = moment(asked.one("until")) or now + timedelta(seconds=1)
    since = moment(asked.one("since")) or until - DEFAULT_SPAN
    if until < since or until - since > LONGEST_SPAN:
        raise Refused(400, 2005)
    return since, until


def moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(400, 2004) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
