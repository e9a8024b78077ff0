"""The course of incidents' logs: incident by incident, or the whole account's by the time they were written, whichever is less.

An account that has thousands of incidents an hour needs a request for each of them in the first way, and one for a hundred entries in
the second. Where nobody has chosen, what is due is counted first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.gap import CLOCKS_APART
from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.incidents import Entry, LogEntry, entry_of, in_order
from syncd.evidence.facts.reading import Json, Unexpected, mapping, text
from syncd.evidence.spans import Span

from .known import Known, moment_of
from .paging import LIMIT, Kind, listed
from .refusals import refused
from .request import Course, Gathered, Request
from .windows import first_page, within

AUTO, INCIDENT, ACCOUNT = "auto", "incident", "account"
_FEW = 2  # logs for which nothing is counted
_FORBIDDEN = {Lack.SCOPE, Lack.PERMISSION, Lack.PLAN}
_STATUS = {
    Entry.TRIGGER: "triggered",
    Entry.UNACKNOWLEDGE: "triggered",
    Entry.ACKNOWLEDGE: "acknowledged",
    Entry.RESOLVE: "resolved",
}

Line = tuple[str, LogEntry | None]  # the incident's id; None: an entry that cannot be read


@dataclass(frozen=True, slots=True)
class Due:
    """Whose logs are to be read, and the time that was listed: what was written in it can be read for all of them at once."""

    some: Sequence[Known]
    time: Span
    strategy: str


def logs(due: Due) -> Course[Gathered[Known]]:
    """All that were due, those among them that could not be read."""
    near = [one for one in due.some if _is_near(one, due.time)]
    read: Mapping[str, Known] = {}
    if due.strategy != INCIDENT and near and (due.strategy == ACCOUNT or len(near) > _FEW):
        found = yield from _by_account(near, due)
        if found.missing:
            return Gathered(tuple(map(_unread, due.some)), found.missing)
        read = {one.id: one for one in found.rows}
    rows, missing = list(read.values()), list[Missing]()
    for one in due.some:
        if one.id in read:
            continue
        if missing:  # Nobody may read any of them.
            rows.append(_unread(one))
            continue
        known, why = yield from _by_incident(one, due.time.end)
        rows.append(known)
        missing += [why] if why is not None and why.why in _FORBIDDEN else []
    how = ACCOUNT if read else INCIDENT if rows else ""
    return Gathered(tuple(rows), tuple(missing), how=how)


def _is_near(one: Known, time: Span) -> bool:
    """What was written in that time, with what is known already, is its whole log."""
    stamp = moment_of(one.stamp)
    known_until = one.incident.created_at if one.log_until is None else one.log_until - CLOCKS_APART
    return known_until >= time.start and stamp is not None and stamp <= time.end


def _unread(one: Known) -> Known:
    return replace(one, incident=replace(one.incident, log=None), log_stamp="", log_until=None)


def _line(given: Json) -> Line:
    whose = text(mapping(given.get("incident"), "incident"), "id")
    try:
        return whose, entry_of(given)
    except Unexpected:
        return whose, None


_LINES = Kind(Request("/log_entries"), "log_entries", _line, overlap=0)


def _by_account(near: Sequence[Known], due: Due) -> Course[Gathered[Known]]:
    """Without rows: it would take more requests, or what was written changed all the time."""
    since = min(one.incident.created_at if one.log_until is None else one.log_until - CLOCKS_APART for one in near)
    time = Span(since.replace(microsecond=0), due.time.end)
    first = yield first_page(_LINES, time)
    why = refused(first)
    if why is not None:
        return Gathered(missing=(why,))
    total = first.body.get("total")
    if due.strategy == AUTO and isinstance(total, int) and -(-total // LIMIT) > len(near):
        return Gathered()
    found = yield from within(_LINES, time, first)
    if found.refused:
        return Gathered(missing=(found.refused,) if found.refused.why in _FORBIDDEN else ())
    return Gathered(tuple(one for one in _whole(near, found.rows.values(), time.end) if not found.unread))


def _whole(near: Sequence[Known], lines: Iterable[Line], until: datetime) -> Iterator[Known]:
    """Of whom anything is not as it should be is left for a reading of its own."""
    written: dict[str, list[LogEntry]] = {}
    broken: set[str] = set()
    for incident, entry in lines:
        if entry is None:
            broken.add(incident)
        else:
            written.setdefault(incident, []).append(entry)
    for one in near:
        log = [*(one.incident.log or ()), *written.get(one.id, ())]
        if one.id not in broken and any(entry.what is Entry.TRIGGER for entry in log):
            yield _with(one, log, until)


def _by_incident(one: Known, until: datetime) -> Course[tuple[Known, Missing | None]]:
    kind = Kind(Request(f"/incidents/{one.id}/log_entries"), "log_entries", entry_of, overlap=0)
    found = yield from listed(kind)
    if found.missing:
        return _unread(one), found.missing[0]
    return _with(one, list(found.rows.values()), until), None


def _with(one: Known, log: Sequence[LogEntry], until: datetime) -> Known:
    """`until`: what was asked for reached up to there at least. A log that is newer than what was listed says how the incident stands."""
    entries = in_order(log)
    stamp = moment_of(one.stamp)
    turns = [entry for entry in entries if entry.what in _STATUS]
    is_newer = bool(turns) and stamp is not None and turns[-1].at > stamp
    status = _STATUS[turns[-1].what] if is_newer else one.incident.status
    return replace(
        one, incident=replace(one.incident, log=entries, status=status), log_stamp=one.stamp, log_until=until
    )
