"""Rules as a person writes them: what a page shows in the place of values of a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.evidence.rules.values import OTHERS

_MINUTES, _HOUR = 60, 24
_TARGETS = {"acknowledge": "acknowledged within", "resolve": "resolved within"}


def spoken(value: Any) -> str:  # noqa: ANN401 - JSON
    match value:
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "none"
        case Mapping():
            return "; ".join(_named(str(name), one) for name, one in value.items()) or "none"
        case list() | tuple():
            return ", ".join(map(spoken, value)) or "none"
        case _:
            return str(value)


def _named(name: str, value: Any) -> str:  # noqa: ANN401
    if isinstance(value, Mapping) and value.keys() <= _TARGETS.keys():
        within = ", ".join(f"{_TARGETS[what]} {_long(number)}" for what, number in sorted(value.items()))
        return f"{'every other priority' if name == OTHERS else name}: {within}"
    return f"{name}: {spoken(value)}"


def _long(minutes: int) -> str:
    hours, rest = divmod(minutes, _MINUTES)
    days, hours = divmod(hours, _HOUR)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number]
    return " ".join(parts) or "0 min"
