"""What a person means by a word: a case key, an incident's id, number or address, a case's address, a delivery's id.

Two meanings of one word are told apart by a prefix: `case:4711`, `incident:4711`, `delivery:4711`, `link:7`, `#4711` for an
incident's number. A bare number is a delivery first, and where there is none such an incident's number. `service:NAME`, `schedule:NAME` and
`times:INCIDENT` are asked of evidence; so is whatever nobody knows here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

from syncd.core.why.proving import Thing
from syncd.errors import Conflict, NotFound
from syncd.store import case_timeline, deliveries, integrations, links, traces
from syncd.store.cases import SLUG as BUILT_IN
from syncd.store.cases import number_in, spelt
from syncd.store.database import Tx

_ID = re.compile("[0-9]{1,18}")  # no longer than an id can be


class Kind(StrEnum):
    CASE = "case"
    INCIDENT = "incident"
    DELIVERY = "delivery"
    LINK = "link"
    SERVICE = "service"
    SCHEDULE = "schedule"
    TIMES = "times"  # of an incident


_OF_EVIDENCE = frozenset({Kind.SERVICE, Kind.SCHEDULE, Kind.TIMES})
_PROVEN: Mapping[Kind, Thing] = {
    Kind.SERVICE: Thing.SERVICE,
    Kind.SCHEDULE: Thing.SCHEDULE,
    Kind.TIMES: Thing.INCIDENT,
    Kind.INCIDENT: Thing.INCIDENT,
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was given, taken apart."""

    given: str
    name: str
    kinds: Collection[Kind]
    url: str = ""
    is_number: bool = False  # of an incident, by its form or perhaps
    is_proof_told: bool = (
        False  # that it is a service, a schedule, or times: then evidence also says why there may be none
    )

    @property
    def things(self) -> Collection[Thing]:
        """What evidence may know by this word."""
        return dict.fromkeys(thing for kind, thing in _PROVEN.items() if kind in self.kinds)

    @property
    def is_of_evidence(self) -> bool:
        """No change is called so."""
        return set(self.kinds) <= _OF_EVIDENCE


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a word may stand for. `name` is one that stands for nothing else."""

    name: str
    link: int | None = None
    delivery: Mapping[str, Any] | None = None
    kind: Kind | None = None  # of a record that no link is about
    record: str = ""

    @property
    def is_link(self) -> bool:
        return self.link is not None and self.delivery is None


def taken_apart(reference: str) -> Word:
    given = reference.strip()
    prefix, colon, rest = given.partition(":")
    if colon and prefix.lower() in set(Kind) and rest:
        kind = Kind(prefix.lower())
        number = rest.removeprefix("#")
        is_number = kind is Kind.INCIDENT and bool(_ID.fullmatch(number))
        name = rest.strip() if kind in {Kind.SERVICE, Kind.SCHEDULE} else number
        return Word(given, name, {kind}, is_number=is_number, is_proof_told=kind in _OF_EVIDENCE)
    if given.startswith("#"):
        return Word(given, given[1:], {Kind.INCIDENT}, is_number=bool(_ID.fullmatch(given[1:])))
    if given.lower().startswith(("http://", "https://")):
        return _of_address(given)
    return Word(given, given, set(Kind) - {Kind.LINK}, is_number=bool(_ID.fullmatch(given)))


def _of_address(given: str) -> Word:
    """By the whole address, or by the last part of its path, whatever follows that; of a service or a schedule, whatever page of it."""
    parts = [unquote(one) for one in _path(given).split("/") if one]
    for kind, record in _PAGES:
        at = next((at for at, one in enumerate(parts[:-1]) if one.lower() == kind), None)
        if at is not None:  # A case desk's case may stand there as well.
            return Word(given, parts[at + 1], {Kind.CASE, record}, given, is_proof_told=True)
    name = parts[-1] if parts else ""
    before = parts[-2].lower() if len(parts) > 1 else ""
    kinds = _LAST_BUT_ONE.get(before, {Kind.CASE, Kind.INCIDENT})
    is_number = kinds == {Kind.INCIDENT} and bool(_ID.fullmatch(name))
    return Word(given, name, kinds, given, is_number)


#: What the last part of an address is by the one before it. Our own pages show links and deliveries; a case desk's case may stand there as well.
_LAST_BUT_ONE: Mapping[str, Collection[Kind]] = {
    "incidents": {Kind.INCIDENT},
    "cases": {Kind.CASE},
    "links": {Kind.LINK, Kind.CASE},
    "deliveries": {Kind.DELIVERY, Kind.CASE},
}
#: Parts of the addresses of PagerDuty's pages and of its API.
_PAGES = (("service-directory", Kind.SERVICE), ("services", Kind.SERVICE), ("schedules", Kind.SCHEDULE))


def _path(address: str) -> str:
    try:
        it = urlsplit(address)
        # PagerDuty's page of all schedules shows the one behind the #.
        return f"{it.path}/{it.fragment}" if it.path.rstrip("/").endswith("/schedules") else it.path
    except ValueError:  # http://[ is an address of nothing
        return ""


def meaning(tx: Tx, word: Word, within: Collection[str] = ()) -> Meaning:
    """`within`: only what is of these accounts. Raises NotFound, and Conflict where it may mean several things."""
    # Another system may have keys that look like ours and are not: what is spelt exactly so comes first.
    found = _named(tx, word, within) or _named(tx, replace(word, name=spelt(word.name)), within)
    if not found:
        raise nothing(word)
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise Conflict(f"{word.given} may mean {len(found)} things here ({names}); name one of them.")
    return found[0]


def _named(tx: Tx, word: Word, within: Collection[str]) -> list[Meaning]:
    return list({one.name: one for one in _meanings(tx, word, within)}.values())


def nothing(word: Word, besides: str = "") -> NotFound:
    return NotFound(
        f"Nothing here is known as {word.given or 'an empty word'}: no case, no incident, no hook of one and no "
        f"delivery{besides}; see `syncd links list` and `syncd deliveries list`. A service, a schedule or an incident's times are asked "
        "for by service:NAME, schedule:NAME or times:INCIDENT."
    )


def _meanings(tx: Tx, word: Word, within: Collection[str]) -> Iterable[Meaning]:
    linked = [one for one in _links(tx, word) if not within or one["integration"] in within]
    yield from (Meaning(f"link:{one['id']}", one["id"]) for one in linked)
    if Kind.DELIVERY in word.kinds and _ID.fullmatch(word.name):
        yield from _delivery(tx, int(word.name), within)
    if not linked:
        yield from _records(tx, word, within)


def _links(tx: Tx, word: Word) -> list[dict[str, Any]]:
    if word.url and (exactly := [one for one in links.about(tx, word.url) if one["incident_url"] == word.url]):
        return exactly
    return [one for one in links.about(tx, word.name) if _is_meant(one, word)]


def _is_meant(one: Mapping[str, Any], word: Word) -> bool:
    is_case = Kind.CASE in word.kinds and one["case_id"] == word.name
    is_incident = Kind.INCIDENT in word.kinds and one["incident_id"] == word.name
    return is_case or is_incident or (Kind.LINK in word.kinds and str(one["id"]) == word.name)


def _delivery(tx: Tx, number: int, within: Collection[str]) -> Iterable[Meaning]:
    row = deliveries.get(tx, number)
    if row is not None and (not within or row["integration"] in within):
        yield Meaning(f"delivery:{number}", row["link_id"], row)


def _records(tx: Tx, word: Word, within: Collection[str]) -> Iterable[Meaning]:
    """Of which there is a row, or a hook that nobody has looked at, or a case of ours."""
    for kind, column in ((Kind.CASE, "case_id"), (Kind.INCIDENT, "incident_id")):
        if kind not in word.kinds or not word.name:
            continue
        if deliveries.find(tx, {column: word.name}, limit=1, within=within) or _is_told_of(tx, kind, word.name, within):
            yield Meaning(f"{kind}:{word.name}", kind=kind, record=word.name)


def _is_told_of(tx: Tx, kind: Kind, record: str, within: Collection[str]) -> bool:
    sources = {slug for slug, one in integrations.all_of(tx).items() if str(one.side) == str(kind)}
    waiting = traces.unplanned(tx, record)
    if within:
        return any(one.source in within and one.source in sources for one in waiting)
    is_ours = kind is Kind.CASE and BUILT_IN in sources and spelt(record) == record
    number = number_in(record) if is_ours else None
    has_case = number is not None and case_timeline.get(tx, number) is not None
    return has_case or any(one.source in sources for one in waiting)
