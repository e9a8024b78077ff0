"""Rules as people write them, in the table `[evidence]` of a TOML file. Every fault is told with its key and what the key takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from syncd.errors import Misconfigured
from syncd.evidence.facts.users import KINDS

from .values import CHECK_IDS, DEFAULT_TARGETS, OTHERS, Clock, Critical, Rules, Target

Given = Mapping[str, object]
_MOST = 100_000
_TEXTS = "a list of texts"


@dataclass(frozen=True, slots=True)
class Takes:
    """What a key may be: whether a value is that, in words, and the value as rules keep it."""

    words: str
    fits: Callable[[object], bool]
    kept: Callable[[Any], object] = lambda given: given


def _number(least: int, most: int = _MOST) -> Takes:
    return Takes(f"a whole number, at least {least}, at most {most}", lambda given: _is_number(given, least, most))


def _is_number(given: object, least: int, most: int = _MOST) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and least <= given <= most


def _are_texts(given: object, among: Iterable[str] = ()) -> bool:
    allowed = tuple(among)
    return isinstance(given, list) and all(
        isinstance(one, str) and bool(one.strip()) and (not allowed or one in allowed) for one in given
    )


_YES_OR_NO = Takes("true or false", lambda given: isinstance(given, bool))
_LIST = Takes(_TEXTS, _are_texts, tuple)
_CRITICAL = {one.name: _LIST for one in fields(Critical)}
_TARGET = {one.name: _number(1) for one in fields(Target)}

TAKES: Mapping[str, Takes] = {
    "clock": Takes(f"{Clock.ELAPSED} or {Clock.OPEN}", lambda given: given in tuple(Clock), Clock),
    "api_is_person": _YES_OR_NO,
    "programs": _LIST,
    "window_days": _number(1, 366),
    "acknowledge_percent": _number(1, 100),
    "resolve_percent": _number(1, 100),
    "open_days": _number(1),
    "unacknowledged_hours": _number(1),
    "noted_priorities": _LIST,
    "with_case": _YES_OR_NO,
    "away_days": _number(1),
    "levels": _number(1, 20),
    "loops": _number(1, 9),
    "gap_days": _number(1, 90),
    "participants": _number(1),
    "contacts": _number(1),
    "loud": Takes(
        f"a list of {', '.join(KINDS[:-1])} or {KINDS[-1]}",
        lambda given: bool(given) and _are_texts(given, KINDS),
        tuple,
    ),
    "admins": _number(0),
    "admins_percent": _number(0, 100),
    "owners": _number(1),
    "invitation_days": _number(1),
    "open_cases": Takes(
        f"a list of ids of checks, {CHECK_IDS[0]} to {CHECK_IDS[-1]}",
        lambda given: _are_texts(given, CHECK_IDS),
        lambda given: tuple(dict.fromkeys(given)),
    ),
    "case_connector": Takes("the name of a connector", lambda given: isinstance(given, str), str.strip),
}
#: Tables of their own.
TABLES: Mapping[str, str] = {
    "critical": f"a table of {', '.join(_CRITICAL)}",
    "targets": "a table of priorities, each with acknowledge and resolve in minutes",
}


def rules_of(given: Given, where: str = "evidence") -> Rules:
    """What stands there, and the defaults for the rest. Raises Misconfigured with one line for each fault."""
    faults: list[str] = []
    known = (*TAKES, *TABLES)
    plain = _read({key: one for key, one in given.items() if key not in TABLES}, TAKES, known, where, faults)
    critical = _table(given, "critical", where, faults)
    chosen = _read(critical, _CRITICAL, tuple(_CRITICAL), f"{where}.critical", faults)
    targets = _targets(_table(given, "targets", where, faults), f"{where}.targets", faults)
    if faults:
        raise Misconfigured("\n".join(faults))
    return Rules(critical=Critical(**chosen), targets=targets, **plain)


def _table(given: Given, key: str, where: str, faults: list[str]) -> Given:
    found = given.get(key, {})
    if isinstance(found, Mapping):
        return found
    faults.append(f"{where}.{key} is {_quoted(found)}; it takes {TABLES[key]}.")
    return {}


def _read(
    given: Given, takes: Mapping[str, Takes], known: tuple[str, ...], where: str, faults: list[str]
) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in given.items():
        if key not in takes:
            faults.append(f"{where}.{key}: no such key{_guess(key, known)}")
        elif not takes[key].fits(value):
            faults.append(f"{where}.{key} is {_quoted(value)}; it takes {takes[key].words}.")
        else:
            read[key] = takes[key].kept(value)
    return read


def _targets(given: Given, where: str, faults: list[str]) -> dict[str, Target]:
    """A priority that is not named keeps its default; of one that is, both times have to be said."""
    found = dict(DEFAULT_TARGETS)
    for priority, one in given.items():
        at = f"{where}.{_key(priority)}"
        if not isinstance(one, Mapping):
            faults.append(f"{at} is {_quoted(one)}; it takes a table of acknowledge and resolve, in minutes.")
            continue
        faults += [
            f"{at}.{key} is missing; it takes {takes.words} (minutes)."
            for key, takes in _TARGET.items()
            if key not in one
        ]
        read = _read(one, _TARGET, tuple(_TARGET), at, faults)
        if len(read) == len(_TARGET):
            found[priority] = Target(**read)
    return found


def _key(priority: str) -> str:
    """As TOML wants it written."""
    return f'"{priority}"' if priority == OTHERS or not priority.isalnum() else priority


def _guess(key: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(key, known, n=1)
    return f", did you mean {close[0]}?" if close else f"; there are {', '.join(known)}."


def _quoted(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
