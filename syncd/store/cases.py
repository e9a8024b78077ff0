"""The built-in case system: what may be done to a case, each act one transaction of case row, timeline line and arrival.

An act of a person leaves an arrival, which is how the sync hears of it. What syncd itself writes leaves none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from syncd.core.changes import Actor, CaseOpened, Field, Status, Verb
from syncd.core.mappings import verb_of
from syncd.core.routing import OF_EVIDENCE
from syncd.core.shard import shard_of
from syncd.errors import Conflict, NotFound

from . import arrivals, case_timeline, connectors, routes
from .case_json import EVENT_TYPES, event_body
from .case_timeline import Case, CaseFile, Event
from .database import Database, Tx

SLUG = "cases"
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
_TICK = timedelta(microseconds=1)
_KEY = re.compile(r"CS-([1-9][0-9]{0,17})", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes neither


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does it, and where from: api, page, cli, or the system that syncd carries it over from."""

    name: str
    via: str
    is_syncd: bool = False
    marker: str | None = None  # the errand that writes: it never writes twice


@dataclass(frozen=True, slots=True)
class NewCase:
    title: str
    body: str = ""
    priority: str = "P3"
    connector: str = ""
    source: str = ""  # for rules, as are the team and the labels
    team: str = ""
    labels: tuple[str, ...] = ()
    service: str = ""  # of the connector's; what it does not reach is opened on its default one

    def cleaned(self) -> NewCase:
        texts = {
            name: clean(getattr(self, name)) for name in ("title", "body", "connector", "source", "team", "service")
        }
        return replace(self, **texts, labels=tuple(clean(one) for one in self.labels))


@dataclass(frozen=True, slots=True)
class Opened:
    case: Case
    is_new: bool
    is_same: bool = True  # as what was asked for under this idempotency key the first time


@dataclass(frozen=True, slots=True)
class Done:
    """`event` is None when the case was so already; it is an earlier line when this errand wrote before."""

    case: Case
    event: Event | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Change:
    case: Case
    verb: Verb
    value: str = ""
    text: str = ""


_Step = Callable[[Case], _Change | None]


def _nobody(_: Sequence[int]) -> None:
    """Nobody is woken; the sweep finds what is due."""


class Cases:
    def __init__(
        self,
        database: Database,
        *,
        site: str = "",
        slug: str = SLUG,
        ring: Callable[[Sequence[int]], object] = _nobody,
    ) -> None:
        """`site` is where this console is reached, `ring` wakes whoever works the shards."""
        self.site = site.rstrip("/")
        self.slug = slug
        self._database = database
        self._ring = ring

    def open(self, new: NewCase, hand: Hand, idempotency_key: str | None = None) -> Opened:
        new = new.cleaned()
        with self._database.write() as tx:
            at = self._database.now(tx)
            connector = new.connector or self._default(tx, new)
            values = {
                "title": new.title,
                "body": new.body,
                "status": Status.OPEN,
                "priority": new.priority,
                "connector": connector,
                "source": new.source,
                "team": new.team,
                "labels": list(new.labels),
                "service": new.service,
                "idempotency_key": idempotency_key,
                "created_at": at,
                "updated_at": at,
            }
            case = case_timeline.insert_new(tx, values)
            if case is None:
                return _opened_before(tx, new, hand, idempotency_key or "")
            self._refuse_unknown_connector(tx, new.connector)
            self._write_line(tx, _Change(case, Verb.OPEN, new.priority), hand)
        self._ring([shard_of(case.key)])
        return Opened(case, is_new=True)

    def _default(self, tx: Tx, new: NewCase) -> str:
        """A finding's case calls nobody by default."""
        return "" if new.source == OF_EVIDENCE else routes.default_connector(tx, self.slug)

    def acknowledge(self, key: str, hand: Hand) -> Done:
        return self._act(key, hand, lambda case: _move(case, Status.ACKNOWLEDGED, {Status.OPEN}))

    def resolve(self, key: str, hand: Hand, note: str = "") -> Done:
        return self._act(key, hand, lambda case: _resolved(case, clean(note)))

    def close(self, key: str, hand: Hand) -> Done:
        anywhere = {Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED}
        return self._act(key, hand, lambda case: _move(case, Status.CLOSED, anywhere))

    def reopen(self, key: str, hand: Hand) -> Done:
        over = {Status.RESOLVED, Status.CLOSED}
        return self._act(key, hand, lambda case: _move(case, Status.OPEN, over))

    def set_status(self, key: str, hand: Hand, status: Status, note: str = "") -> Done:
        """As the other side has it: any status that a case which is not closed can have."""
        return self._act(key, hand, lambda case: _follow(case, status, clean(note)))

    def set_priority(self, key: str, hand: Hand, priority: str) -> Done:
        return self._act(key, hand, lambda case: _prioritised(case, priority))

    def set_resolution_note(self, key: str, hand: Hand, text: str) -> Done:
        return self._act(key, hand, lambda case: _noted(case, clean(text)))

    def comment(self, key: str, hand: Hand, text: str) -> Done:
        """Also on a closed case."""
        return self._act(key, hand, lambda case: _Change(case, Verb.NOTE, text=clean(text)))

    def remark(self, key: str, hand: Hand, text: str, value: str, to: Status | None = None) -> Done:
        """A comment with a word beside it, and with both the case becomes closed or open, where it is not: one transaction."""
        move = None if to is None else lambda case: _brought(case, to)
        return self._act(key, hand, lambda case: _Change(case, Verb.NOTE, value, clean(text)), move)

    def opened_by(self, idempotency_key: str) -> CaseFile | None:
        """The case that was opened under this key, with its timeline."""
        with self._database.read() as tx:
            case = case_timeline.found_by_idempotency_key(tx, idempotency_key)
            return None if case is None else CaseFile(case, case_timeline.lines(tx, case.number))

    def set_incident_url(self, key: str, hand: Hand, url: str) -> Done:
        return self._act(key, hand, lambda case: _linked(case, clean(url)))

    def get(self, key: str) -> Case:
        with self._database.read() as tx:
            return _found(case_timeline.get(tx, number_of(key)), key)

    def file(self, key: str) -> CaseFile:
        with self._database.read() as tx:
            case = _found(case_timeline.get(tx, number_of(key)), key)
            return CaseFile(case, case_timeline.lines(tx, case.number))

    def opening(self, key: str) -> CaseOpened:
        """How it asked for its incident, whatever has become of it since."""
        file = self.file(key)
        case, first = file.case, file.timeline[0]
        return CaseOpened(
            case.title,
            case.body,
            first.value,
            case.connector,
            f"{self.site}/cases/{case.key}",
            Actor(first.actor),
            case.created_at,
            case.source,
            case.team,
            case.labels,
            case.service,
        )

    def listing(
        self, filters: Mapping[str, str], *, limit: int = 100, before: str = "", scope: Collection[str] = ()
    ) -> tuple[Case, ...]:
        """`before` is the key of the last case of the page before."""
        with self._database.read() as tx:
            last = number_of(before) if before else None
            return case_timeline.listing(tx, filters, limit=limit, before=last, scope=scope)

    def _refuse_unknown_connector(self, tx: Tx, name: str) -> None:
        """A slip of the pen here would page nobody, and nobody would notice."""
        known = connectors.of_cases(tx, self.slug)
        if name and name not in known:
            there = f"there are {', '.join(known)}" if known else "none has been added"
            raise Conflict(f"There is no connector {name!r} for these cases; {there} (`syncd connectors list`).")

    def _act(self, key: str, hand: Hand, step: _Step, then: _Step | None = None) -> Done:
        """The marker is the first step's: where its line stands, so does that of the second."""
        with self._database.write() as tx:
            case = _found(case_timeline.lock(tx, number_of(key)), key)
            earlier = case_timeline.line_of(tx, case.number, hand.marker) if hand.marker else None
            if earlier is not None:
                return Done(case, earlier, is_new=False)
            change = step(case)
            if change is None:
                return Done(case, None, is_new=False)
            case, event = self._write(tx, case, change, hand)
            after = None if then is None else then(case)
            if after is not None:
                case, _ = self._write(tx, case, after, replace(hand, marker=None))
        if not hand.is_syncd:
            self._ring([shard_of(case.key)])
        return Done(case, event, is_new=True)

    def _write(self, tx: Tx, before: Case, change: _Change, hand: Hand) -> tuple[Case, Event]:
        # A case's own clock never stands still, so that the order of its states can always be told.
        at = max(self._database.now(tx), before.updated_at + _TICK)
        case = replace(change.case, version=before.version + 1, updated_at=at)
        case_timeline.save(tx, case)
        return case, self._write_line(tx, replace(change, case=case), hand)

    def _write_line(self, tx: Tx, change: _Change, hand: Hand) -> Event:
        case = change.case
        values = {
            "at": case.updated_at,
            "kind": change.verb,
            "value": change.value,
            "text": change.text,
            "actor": clean(hand.name),
            "via": hand.via,
            "marker": hand.marker,
        }
        event = case_timeline.add_line(tx, case.number, values)
        if not hand.is_syncd:
            arrivals.add_many(tx, [self._arrival(case, event)])
        return event

    def _arrival(self, case: Case, event: Event) -> arrivals.NewArrival:
        return arrivals.NewArrival(
            source=self.slug,
            event_key=f"case-event-{event.id}",
            event_type=EVENT_TYPES[event.kind],
            record=case.key,
            body=event_body(case, event, self.site),
            received_at=event.at,
            shard=shard_of(case.key),
        )


def clean(text: str) -> str:
    """What no database here can keep is shown as the mark for it."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _opened_before(tx: Tx, new: NewCase, hand: Hand, idempotency_key: str) -> Opened:
    case = case_timeline.by_idempotency_key(tx, idempotency_key)
    first = case_timeline.first_line(tx, case.number)
    # Who named no connector took the default one of that moment.
    asked = replace(new, connector=new.connector or case.connector), clean(hand.name)
    was = NewCase(case.title, case.body, first.value, case.connector, case.source, case.team, case.labels, case.service)
    return Opened(case, is_new=False, is_same=asked == (was, first.actor))


def _move(case: Case, to: Status, from_: set[Status]) -> _Change | None:
    if case.status is to:
        return None
    if case.status not in from_:
        raise Conflict(_cannot(case, to))
    return _Change(replace(case, status=to), verb_of(Field.STATUS, case.status, to), to)


def _brought(case: Case, to: Status) -> _Change | None:
    """Closed from anywhere; open only where it was over, since somebody is at work on it else."""
    if to is Status.CLOSED:
        return _move(case, to, set(Status) - {to})
    return (
        _move(case, to, {Status.RESOLVED, Status.CLOSED}) if case.status in {Status.RESOLVED, Status.CLOSED} else None
    )


def _cannot(case: Case, to: Status) -> str:
    if case.status is Status.ACKNOWLEDGED:
        return f"{case.key} is acknowledged, neither resolved nor closed: there is nothing to reopen."
    return f"{case.key} is {case.status} and cannot become {to}; reopen it first."


def _resolved(case: Case, note: str) -> _Change | None:
    if case.status is Status.RESOLVED:
        return _noted(case, note) if note else None
    change = _move(case, Status.RESOLVED, {Status.OPEN, Status.ACKNOWLEDGED})
    if change is None or not note:
        return change
    return replace(change, case=replace(change.case, resolution_note=note), text=note)


def _follow(case: Case, to: Status, note: str) -> _Change | None:
    if to is Status.RESOLVED:
        return _resolved(case, note)
    return _move(case, to, {Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED} - {to})


def _prioritised(case: Case, priority: str) -> _Change | None:
    if priority not in PRIORITIES:
        raise Conflict(f"{priority} is not a priority of a case; use one of {', '.join(PRIORITIES)}.")
    if case.priority == priority:
        return None
    _refuse_when_closed(case, "its priority")
    return _Change(replace(case, priority=priority), Verb.PRIORITISE, priority)


def _noted(case: Case, text: str) -> _Change | None:
    if case.resolution_note == text:
        return None
    _refuse_when_closed(case, "its resolution note")
    return _Change(replace(case, resolution_note=text), Verb.RESOLUTION_NOTE, text=text)


def _refuse_when_closed(case: Case, what: str) -> None:
    if case.status is Status.CLOSED:
        raise Conflict(f"{case.key} is closed and {what} stays as it is; comment on it, or reopen it first.")


def _linked(case: Case, url: str) -> _Change | None:
    if case.incident_url == url:
        return None
    return _Change(replace(case, incident_url=url), Verb.LINK, url)


def number_of(key: str) -> int:
    number = number_in(key)
    if number is None:
        raise NotFound(f"{key[:64]!r} is not the key of a case; keys look like CS-1042.")
    return number


def number_in(key: str) -> int | None:
    """None: it is not the key of a case."""
    match = _KEY.fullmatch(key.strip())
    return None if match is None else int(match[1])


def spelt(key: str) -> str:
    """As we write it, whoever wrote it; what is not the key of a case stays as it is."""
    number = number_in(key)
    return key if number is None else f"CS-{number}"


def _found(case: Case | None, key: str) -> Case:
    if case is None:
        raise NotFound(f"There is no case {key}; see `syncd cases list`.")
    return case
