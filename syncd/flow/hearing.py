"""From a hook, and what a look at its record said, to decisions. What was found is written down when all is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.core import echo, wording
from syncd.core.answered import differences
from syncd.core.beside import decide_beside
from syncd.core.changes import Actor, CaseOpened, Fate, Field, FieldSeen, Note, NoteSeen, Record, Side, Verb
from syncd.core.decide import decide
from syncd.core.decision import Decision
from syncd.core.link import Link
from syncd.core.policy import Rules
from syncd.core.reasons import Outcome, Reason
from syncd.core.unmapped import decided_today
from syncd.flow import rereading, unmapped
from syncd.store import errands, notes
from syncd.store.arrivals import Arrival
from syncd.store.errands import Line
from syncd.store.links import StoredLink
from syncd.systems.port import Hint, System
from syncd.systems.trip import Trip

from . import rows
from .authors import Masks
from .turn import Turn

REMEMBERED = timedelta(days=7)  # an event older than this acts only through a re-read
OWN_HOOK_WITHIN = timedelta(minutes=2)  # that of a note of ours has come by then, or comes under another id
Fact = NoteSeen | FieldSeen


class NotYet(Exception):
    """Only time will tell what this is."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a look brought back, and which version of the link it was taken for."""

    version: int | None
    record: Record
    notes: tuple[Note, ...]
    trip: Trip | None
    before: Sequence[Line] = ()  # requests of looks that were void, since the link moved meanwhile

    @property
    def lines(self) -> list[Line]:
        return [*self.before, *(rows.lines(self.trip.exchanges) if self.trip is not None else ())]

    def for_those_behind(self) -> Snapshot:
        """For use in the very turn that used it first: nothing but that has changed the link, and told of the requests."""
        return replace(self, version=None, trip=None, before=())


@dataclass(frozen=True, slots=True)
class Heard:
    """One fact and what came of it."""

    seen: Fact
    decision: Decision | None = None  # None: recognised as ours or as heard before
    known_as: Reason | None = None
    bound_to: int | None = None  # the errand in flight whose note this is
    is_forgotten: bool = False  # ours, written in the time that a restored backup does not know
    echo_of: int | None = None  # the errand whose note this is, told under another id than the one it was answered with

    @property
    def is_new_note(self) -> bool:
        return bool(self.seen.note_id) and self.is_told_first and not self.is_later

    @property
    def is_told_first(self) -> bool:
        is_ours = self.bound_to is not None or self.echo_of is not None or self.is_forgotten
        return self.decision is not None or is_ours

    @property
    def errand_id(self) -> int | None:
        """Whose note it is, if it is ours."""
        return notes.FORGOTTEN if self.is_forgotten else self.bound_to or self.echo_of

    @property
    def is_a_difference(self) -> bool:
        """Between what both sides say, that somebody still has to hear of."""
        return self.decision is not None and (bool(self.decision.drafts) or self.outcome is not Outcome.SUPPRESSED)

    @property
    def is_later(self) -> bool:
        """News of a note that was heard before."""
        return isinstance(self.seen, NoteSeen) and self.seen.fate != Fate.WRITTEN

    @property
    def change(self) -> Verb:
        if self.decision is not None:
            return self.decision.change
        return Verb.NOTE if isinstance(self.seen, NoteSeen) else Verb.RESOLUTION_NOTE

    @property
    def outcome(self) -> Outcome | None:
        return Outcome.SUPPRESSED if self.decision is None else self.decision.outcome

    @property
    def reason(self) -> Reason | None:
        return self.known_as if self.decision is None else self.decision.reason


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that came of one hook."""

    heard: Sequence[Heard]
    now_says: Mapping[str, str]  # notes that were heard before, by id


def hear(
    turn: Turn, stored: StoredLink, system: System, hint: Hint, arrival: Arrival, snapshot: Snapshot | None
) -> Hearing | None:
    """None: the record has to be looked at first."""
    if snapshot is None and must_look(arrival, hint):
        return None
    now_says: Mapping[str, str] = {}
    if snapshot is not None and (hint.is_thin or _is_forgotten(arrival, hint)):
        facts, now_says = _read(turn, stored, system, snapshot)
    else:
        told = _told(hint) if snapshot is None else _told_in_full(hint, system, snapshot)
        facts = [_as_of(seen, arrival) for seen in told]
    heard = _heard(turn, stored, system, facts, arrival, snapshot)
    if heard is None:
        return None
    left = None if snapshot is None else _left(turn, stored, system.side, heard)
    return Hearing(heard if left is None else [*heard, left], now_says)


def _heard(
    turn: Turn, stored: StoredLink, system: System, facts: Sequence[Fact], arrival: Arrival, snapshot: Snapshot | None
) -> list[Heard] | None:
    """Each fact decided on what the one before it left."""
    rules = turn.book.rules(stored.link)
    masks = Masks(turn, stored, system.side, arrival)
    heard: list[Heard] = []
    link = stored.link
    for fact in map(masks.off, facts):
        is_later = isinstance(fact, NoteSeen) and fact.fate != Fate.WRITTEN
        own = None if is_later else _recognised(masks, fact)
        if own is not None:
            heard.append(own)
            continue
        one = _decided(link, fact, rules, snapshot, masks)
        if one is None:
            return None
        heard.append(one)
        link = one.decision.link if one.decision is not None else link
    return heard


def _left(turn: Turn, stored: StoredLink, side: Side, heard: Sequence[Heard]) -> Heard | None:
    """What the record has said for long is no news, unless it had no counterpart then and has one now."""
    link = next((one.decision.link for one in reversed(heard) if one.decision is not None), stored.link)
    rules = turn.book.rules(link)
    left = unmapped.due(turn.tx, stored.id, link, rules)
    if left is None or left.side is not side:
        return None
    known, by = link.known[side, Field.PRIORITY], Actor(left.actor)
    seen = FieldSeen(Field.PRIORITY, known.value, by, known.at, is_certain=True)
    return Heard(seen, decided_today(link, side, by, rules))


def _decided(link: Link, fact: Fact, rules: Rules, snapshot: Snapshot | None, masks: Masks) -> Heard | None:
    decision = decide(link, fact, masks.side, rules)
    if not decision.needs_look or isinstance(fact, NoteSeen):
        return Heard(fact, decision)
    if snapshot is None:
        return None
    return Heard(fact, decide_beside(link, fact, masks.side, masks.off_record(snapshot.record), rules))


def may_bring_notes(hint: Hint) -> bool:
    """They must not overtake those of an earlier hook."""
    return any(isinstance(seen, NoteSeen) or seen.note_id for seen in _told(hint))


def must_look(arrival: Arrival, hint: Hint) -> bool:
    is_trimmed = any(isinstance(seen, NoteSeen) and seen.is_trimmed for seen in hint.seen)
    return hint.is_thin or is_trimmed or _is_forgotten(arrival, hint)


def _is_forgotten(arrival: Arrival, hint: Hint) -> bool:
    return hint.occurred_at is not None and arrival.received_at - hint.occurred_at > REMEMBERED


def _read(
    turn: Turn, stored: StoredLink, system: System, snapshot: Snapshot
) -> tuple[Sequence[Fact], Mapping[str, str]]:
    """What the record says that we do not know. Notes that say what they said are no news, and make no rows."""
    known = notes.of_link(turn.tx, stored.id, system.side)
    unheard = [system.heard(note) for note in snapshot.notes if note.id not in known]
    again = rereading.reread(turn, stored, system, snapshot.notes, known)
    fields = differences(stored.link, system.side, snapshot.record, is_certain=True)
    return [*fields, *unheard, *again.facts], again.now_says


def _told(hint: Hint) -> Sequence[Fact]:
    return [seen for seen in hint.seen if not isinstance(seen, CaseOpened)]


def _as_of(seen: Fact, arrival: Arrival) -> Fact:
    if not isinstance(seen, FieldSeen):
        return seen
    return replace(seen, heard_at=arrival.received_at, is_replayed=arrival.replay is not None)


def _told_in_full(hint: Hint, system: System, snapshot: Snapshot) -> Sequence[Fact]:
    whole = {note.id: note for note in snapshot.notes}
    return [_untrimmed(seen, whole, system) for seen in _told(hint)]


def _untrimmed(seen: Fact, whole: Mapping[str, Note], system: System) -> Fact:
    if not isinstance(seen, NoteSeen) or not seen.is_trimmed:
        return seen
    # Deleted meanwhile: its beginning is all there is.
    beginning = Note(seen.note_id, seen.text, seen.by.name, seen.by.is_us, seen.at, seen.by.id, seen.by.email)
    note = whole.get(seen.note_id, beginning)
    return replace(system.heard(note), by=seen.by, at=seen.at)


def _recognised(masks: Masks, seen: Fact) -> Heard | None:
    """A note that was heard before, or that is ours."""
    if not seen.note_id:
        return None
    turn, stored, side, arrival = masks.turn, masks.stored, masks.side, masks.arrival
    known = notes.find(turn.tx, stored.id, side, seen.note_id)
    if known is not None and known.errand_id is not None and known.arrival_id is None:
        notes.heard(turn.tx, stored.id, side, seen.note_id, arrival.id)
    if known is not None:
        return Heard(seen, known_as=Reason.ECHO if known.errand_id is not None else Reason.DUPLICATE)
    ended = turn.backlog.ended  # In this very turn: their notes have their ids by now.
    for ours in errands.notes_in_flight(turn.tx, stored.id, side):
        if ours.id not in ended and echo.may_be(seen.text, is_by_us=masks.may_be_ours(seen.by), ours=ours.errand.text):
            return Heard(seen, known_as=Reason.ECHO, bound_to=ours.id)
    account = turn.book.integrations[stored.link.system(side)]
    is_in_gap = account.gap is not None and account.gap.has(seen.at)
    if is_in_gap and (seen.by.is_us or (account.has_acted and wording.is_of_the_case(seen.text))):
        return Heard(seen, known_as=Reason.FORGOTTEN, is_forgotten=True)
    if not masks.may_be_ours(seen.by):
        return None
    return _perhaps_renamed(turn, stored, side, seen, arrival)


def _perhaps_renamed(turn: Turn, stored: StoredLink, side: Side, seen: Fact, arrival: Arrival) -> Heard | None:
    """Our words from our account under an id that we do not know, while the hook of our own note has not come.

    Somebody may share the account, or hooks may name notes otherwise than answers do: the hook that comes or not will tell.
    """
    errand_id = notes.unheard(turn.tx, stored.id, side, seen.text)
    if errand_id is None:
        return None
    until = arrival.received_at + OWN_HOOK_WITHIN
    if turn.now < until:
        raise NotYet(until)
    return Heard(seen, known_as=Reason.ECHO, echo_of=errand_id)
