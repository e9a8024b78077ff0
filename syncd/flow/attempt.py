"""One attempt at one errand, over the network and without a transaction. It returns what happened; it never raises a SideError."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from syncd import errors
from syncd.clock import Clock
from syncd.core import echo, wording
from syncd.core.answered import Answer
from syncd.core.changes import NOBODY, Actor, Field, Note, Record, Side, Status
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.link import Wish
from syncd.core.prepare import would
from syncd.core.reasons import Reason
from syncd.core.weigh import Verdict, weigh, weigh_record
from syncd.systems.port import Applied, Author, Opening
from syncd.systems.trip import Trip
from syncd.tracing.spans import span

from . import authors
from .claim import Job
from .confirm import confirmed, confirmed_refusal
from .opening import opening_of
from .room import cost_of, purpose_of


@dataclass(frozen=True, slots=True)
class Opened:
    record: Record
    remark: str = ""  # what of it is not as it was wanted


@dataclass(frozen=True, slots=True)
class NeverOpened:
    """Nothing stands over there, and nothing is to be opened any more. `told` is how that is known, where it was not read."""

    told: str = ""


@dataclass(frozen=True, slots=True)
class NotBegun:
    """No lane came free while its lease still left time for a call, or the budget has to be waited for. Nothing was sent."""

    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Observed:
    """The account is only observed: everything was read, and this is what would have been written."""

    would: str


@dataclass(frozen=True, slots=True)
class Met:
    """Who the person behind the change is over there was looked up first; the write is made when that is known."""

    author: Author
    could_be_asked: bool = True


_NO_URGENCY = "An event has a severity and no urgency: that of its preset is left out."
_ANOTHER = "The alert was resolved, and PagerDuty reopens none: this trigger opens a new incident under the same key."
_TAKEN_BACK = "Whether an earlier attempt had opened it cannot be asked, so PagerDuty was told to resolve it."

Taken = Callable[[Job, list[str]], frozenset[str]]
Result = Answer | Opened | NeverOpened | NotBegun | Observed | Met | errors.SideError


@dataclass(frozen=True, slots=True)
class Attempted:
    job: Job
    result: Result
    trip: Trip
    read: Record | None = None  # what the record said before the write, when it was read


def attempt(job: Job, clock: Clock, taken: Taken, until: float = math.inf) -> Attempted:
    """`taken` tells which of some note ids belong to another errand or hook already. `until`: when others count it as lost."""
    stored, errand = job.stored, job.stored.errand
    with span(
        "change.attempt", stored.trace, errand=stored.id, kind=errand.kind, attempt=errand.attempt, account=job.slug
    ):
        return _attempt(job, clock, taken, until)


def _attempt(job: Job, clock: Clock, taken: Taken, until: float) -> Attempted:
    stored = job.stored
    can_be_read = job.system.capabilities.can_be_read
    purpose, cost = purpose_of(stored.errand), cost_of(stored.errand, can_be_read=can_be_read)
    label = f"e{stored.id}.{stored.errand.attempt}"
    if job.signing.unmet is not None:
        trip = Trip.begin(label, clock.monotonic, purpose=purpose)
        return Attempted(job, _meet(job, trip, job.signing.unmet), trip)
    if cost and (wait := job.toll.pay(purpose, cost)):
        return Attempted(job, NotBegun(wait), Trip.begin(label, clock.monotonic))
    author = job.signing.author
    trip = Trip.begin(label, clock.monotonic, purpose=purpose, paid=cost, until=until)
    trip.person = author.login if author is not None and author.user_id else ""
    seen: list[Record] = []
    try:
        result: Result = _try(job, trip, seen, taken) if can_be_read else _tell(job, trip)
    except errors.Unauthorised as error:
        result = confirmed(job.system, trip, error)
    except errors.Refused as error:
        result = error if job.is_observed else confirmed_refusal(job.system, trip, error)
    except errors.SideError as error:
        result = error
    trip.signed = authors.told(author, trip)
    return Attempted(job, result, trip, seen[-1] if seen else None)


def _meet(job: Job, trip: Trip, person: Actor) -> Result:
    """Nobody waits longer for a write because a user cannot be looked up: then it goes out in our own name."""
    try:
        return Met(job.system.find_author(trip, person))
    except errors.Unauthorised as error:
        return confirmed(job.system, trip, error)
    except errors.RateLimited as error:
        return error if error.status is not None else NotBegun(error.retry_after)
    except errors.SideError as error:
        why = f"whether {person.email} is a user there could not be asked: {error}"
        return Met(Author(person.email, why_not=why), could_be_asked=False)


def _try(job: Job, trip: Trip, seen: list[Record], taken: Taken) -> Result:
    match job.stored.errand.kind:
        case ErrandKind.OPEN:
            return _open(job, trip)
        case ErrandKind.LINK if job.is_observed:
            return _observed(job)
        case ErrandKind.LINK:
            return _answer(job.system.link(trip, _ref(job), job.stored.errand.text))
        case ErrandKind.CLOSING_NOTE:
            if (found := _found(job, trip, taken)) is not None:
                return found
            seen.append(job.system.fetch(trip, _ref(job)))
            if seen[-1].status is Status.RESOLVED:
                return Answer(Verdict.ALREADY, seen[-1])
            return _note(job, trip, taken)
        case ErrandKind.NOTE:
            return _note(job, trip, taken)
        case ErrandKind.STATUS | ErrandKind.PRIORITY | ErrandKind.RESOLUTION_NOTE:
            return _wish(job, trip, seen)


def _ref(job: Job) -> str:
    return job.link.link.ref(job.stored.errand.side)


def _observed(job: Job, value: str = "") -> Observed:
    return Observed(would(job.stored.errand, value, job.rules))


def _answer(applied: Applied) -> Answer:
    return Answer(Verdict.WRITE, applied.record, applied.note_id, applied.note_text)


def _wish(job: Job, trip: Trip, seen: list[Record]) -> Result:
    """Read before every write of a field: only the record knows what a person did a moment ago."""
    wish, side = job.go.wish, job.stored.errand.side
    if wish is None:
        message = "an errand of a wish was begun without one"
        raise AssertionError(message)
    field = FIELD_OF_WISH[job.stored.errand.kind]
    record = job.system.fetch(trip, _ref(job))
    seen.append(record)
    verdict = weigh_record(field, side, record, wish, job.rules)
    if verdict is not Verdict.WRITE:
        return Answer(verdict, record)
    if job.is_observed:
        return _observed(job, wish.value)
    return _answer(_write(job, trip, field, wish))


def _write(job: Job, trip: Trip, field: Field, wish: Wish) -> Applied:
    system, ref = job.system, _ref(job)
    can = system.capabilities
    match field:
        case Field.STATUS:
            note = job.case_note if job.stored.errand.side is Side.INCIDENT else ""
            return system.set_status(trip, ref, Status(wish.value), wish.by, wording.as_note(note, can))
        case Field.PRIORITY:
            return system.set_priority(trip, ref, wish.value, wish.by)
        case _:
            text = wording.fit(wish.value, can.max_resolution_note)
            return system.set_resolution_note(trip, ref, text, wish.by)


def _note(job: Job, trip: Trip, taken: Taken) -> Answer | Observed:
    errand = job.stored.errand
    if job.stored.errand.kind is ErrandKind.NOTE and (found := _found(job, trip, taken)) is not None:
        return found
    if job.is_observed:
        return _observed(job)
    return _answer(job.system.add_note(trip, _ref(job), errand.text, errand.author, job.stored.marker))


def _found(job: Job, trip: Trip, taken: Taken) -> Answer | None:
    if job.stored.far_id:
        return Answer(Verdict.ALREADY, note_id=job.stored.far_id)  # A hook has told us that it stands.
    if not job.stored.errand.is_doubtful:
        return None
    found = _standing(job, job.system.notes(trip, _ref(job)), taken)
    return None if found is None else Answer(Verdict.ALREADY, note_id=found.id, note_text=found.text)


def _standing(job: Job, notes: Sequence[Note], taken: Taken) -> Note | None:
    others = taken(job, [note.id for note in notes])
    errand = job.stored.errand
    return echo.standing(notes, others, ours=errand.text, names=job.signing.names)


def _open(job: Job, trip: Trip) -> Result:
    opening = opening_of(job)
    if job.stored.errand.attempt > 1 or job.stored.errand.is_doubtful:
        found = job.system.find(trip, opening)
        if found is not None:
            return Opened(found)
    if not job.go.may_open:
        return NeverOpened()
    if job.is_observed:
        return _observed(job, opening.title)
    return _opened(job, trip, opening)


def _opened(job: Job, trip: Trip, opening: Opening) -> Opened:
    """People must be called: what the account does not take of a preset, which may have changed over there, is left out."""
    try:
        return Opened(job.system.open(trip, opening))
    except errors.Refused as refused:
        if refused.reason != Reason.REFUSED or not (opening.urgency or opening.escalation_policy):
            raise
        plain = replace(opening, urgency="", escalation_policy="")
        said = f"Its preset's urgency and escalation policy were refused and are left out: {refused}"
        return Opened(job.system.open(trip, plain), said)


def _tell(job: Job, trip: Trip) -> Result:
    """It cannot be read: what it was told is what is known of it. Telling it twice does no harm over there."""
    if job.stored.errand.kind is ErrandKind.OPEN:
        return _tell_of_opening(job, trip)
    wish, side = job.go.wish, job.stored.errand.side
    if wish is None:
        message = "an errand that is no event was begun for an account that only takes events"
        raise AssertionError(message)
    field = FIELD_OF_WISH[job.stored.errand.kind]
    known = job.link.link.value(side, field)
    verdict = weigh(field, side, known if known is not None else wish.base, wish, job.rules)
    if verdict is not Verdict.WRITE:
        return Answer(verdict)
    if job.is_observed:
        return _observed(job, wish.value)
    if field is Field.STATUS and wish.value != Status.OPEN:
        _write(job, trip, field, wish)
        return Answer(Verdict.WRITE)
    told = _ANOTHER if (field, known) == (Field.STATUS, Status.RESOLVED) else ""
    job.system.open(trip, opening_of(job))
    return Answer(Verdict.WRITE, told=told)


def _tell_of_opening(job: Job, trip: Trip) -> Result:
    opening = opening_of(job)
    if not job.go.may_open:
        # Whether an earlier attempt landed nobody can ask; a resolve of what never was is dropped over there.
        job.system.set_status(trip, opening.key, Status.RESOLVED, NOBODY, "")
        return NeverOpened(_TAKEN_BACK)
    if job.is_observed:
        return _observed(job, opening.title)
    return Opened(job.system.open(trip, opening), _NO_URGENCY if opening.urgency else "")
