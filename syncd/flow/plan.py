"""Read one arrival, decide, and write down the errands: everything in the turn's transaction, nothing over the network.

What cannot be decided from the hook alone is answered with a Look: read the record, then plan it again with what it said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.core.alert import SOURCE
from syncd.core.changes import CaseOpened, Side, Verb
from syncd.core.link import Link
from syncd.core.reasons import NO_ALERT, NO_INCIDENT, Outcome, Reason
from syncd.core.retry import CAPS, backoff
from syncd.errors import Unreadable
from syncd.store import arrivals, errands, holds, notes
from syncd.store.arrivals import Arrival
from syncd.store.errands import Line
from syncd.store.links import StoredLink
from syncd.systems.port import Hint, System
from syncd.systems.toll import Toll
from syncd.tracing.spans import span

from . import accounts, awaited, hearing, opening, returning, rows, unmapped
from .hearing import Heard, Hearing, Snapshot
from .turn import Turn, origin_of


@dataclass(frozen=True, slots=True)
class Look:
    """The record has to be read first. `version` is the link's: an answer for an older one is worth nothing."""

    arrival: Arrival
    system: System
    toll: Toll
    ref: str
    version: int
    since: datetime  # it is read after this
    link: Link  # as it was then
    before: Sequence[Line] = ()  # requests of a look for the same hook that was void


def plan(turn: Turn, arrival: Arrival, snapshot: Snapshot | None = None) -> Look | None:
    """Whatever is made of it goes on under its trace context."""
    with span(
        "change.decide", arrival.trace, arrival=arrival.id, source=arrival.source, has_looked=snapshot is not None
    ):
        return _plan(turn, arrival, snapshot)


def _plan(turn: Turn, arrival: Arrival, snapshot: Snapshot | None) -> Look | None:
    if turn.ahead.is_replanned(arrival):
        return None  # By the next turn, behind those that came before it.
    if arrival.source not in turn.book.integrations:
        _of_a_removed_account(turn, arrival, None)
        return None
    system = turn.book.system(arrival.source)
    try:
        hint = system.parse(arrival.body)
    except Unreadable as error:
        arrivals.unreadable(turn.tx, [arrival.id])
        _say(turn, arrival, system.side, Outcome.FAILED, Reason.UNREADABLE, str(error))
        return None
    opened = next((seen for seen in hint.seen if isinstance(seen, CaseOpened)), None)
    if opened is not None:
        opening.open_link(turn, arrival, hint.ref, opened)
        return None
    found = turn.find(arrival.source, system.side, hint.ref) if hint.ref else None
    if hint.is_ping or not (hint.seen or hint.is_thin):
        _set_aside(turn, arrival, system.side, hint, found)
        return None
    if found is None:
        if system.side is Side.CASE or not awaited.waits(turn, arrival, hint):
            turn.backlog.unlinked.append(arrival.id)
            _say(turn, arrival, system.side, Outcome.IGNORED, Reason.UNLINKED, _nothing_there(arrival, system.side))
        return None
    if not turn.book.has_both(found.link):
        _of_a_removed_account(turn, arrival, found)
        return None
    return _plan_linked(turn, arrival, found, system, hint, snapshot)


def _nothing_there(arrival: Arrival, side: Side) -> str:
    if arrival.source == SOURCE:
        return NO_ALERT
    return NO_INCIDENT if side is Side.CASE else ""


def _of_a_removed_account(turn: Turn, arrival: Arrival, link: StoredLink | None) -> None:
    """Its own, or that of the other side."""
    _say(turn, arrival, turn.book.side(arrival.source), Outcome.IGNORED, Reason.REMOVED, link=link)
    turn.backlog.planned.append(arrival.id)


def _plan_linked(
    turn: Turn, arrival: Arrival, stored: StoredLink, system: System, hint: Hint, snapshot: Snapshot | None
) -> Look | None:
    is_told_in_order = stored.link.is_case_closed or hearing.may_bring_notes(hint)
    if snapshot is None and is_told_in_order and turn.ahead.is_behind_a_look(arrival):
        turn.ahead.wait(arrival)
        return None
    looked = snapshot.lines if snapshot is not None else ()
    if snapshot is not None and snapshot.version not in {None, stored.link.version}:
        snapshot = None  # Something moved while we were looking: what it said may be old already.
    try:
        found = hearing.hear(turn, stored, system, hint, arrival, snapshot)
    except hearing.NotYet as wait:
        arrivals.put_off(turn.tx, arrival.id, wait.until)  # As one that was tried: nothing waits behind it.
        return None
    if found is None:
        return _look(
            turn,
            arrival,
            system,
            Look(
                arrival,
                system,
                turn.book.toll(arrival.source),
                hint.ref,
                stored.link.version,
                turn.now,
                stored.link,
                looked,
            ),
        )
    _take_in(turn, arrival, stored, system.side, found, looked)
    return None


def _take_in(
    turn: Turn, arrival: Arrival, stored: StoredLink, side: Side, found: Hearing, looked: Sequence[Line]
) -> None:
    """All that came of it, each with its errands or its row."""
    link = stored.link
    for one in found.heard:
        link = one.decision.link if one.decision is not None else link
    is_back = returning.is_back(turn, stored, link)
    after = turn.save(stored, returning.to_open(link) if is_back else link)
    for note_id, text in found.now_says.items():
        notes.now_says(turn.tx, stored.id, side, note_id, text)
    for one in found.heard:
        if is_back and one.change is Verb.REOPEN:  # There is no incident to be told of it.
            returning.open_after_all(turn, arrival, after, one.seen.by)
        else:
            _write_down(turn, arrival, after, side, one, looked)
            looked = ()  # The first of its rows, or its errands, tells of the look.
    if arrival.reconcile_id is not None:
        turn.differences[arrival.reconcile_id] += sum(one.is_a_difference for one in found.heard)
        turn.backlog.read.append(arrival.id)
    if not found.heard:
        said = rows.Said(arrival.event_type or "unknown", Outcome.SUPPRESSED, Reason.UNCHANGED)
        turn.say(rows.of_arrival(arrival, side, turn.now, said, after, looked))
    turn.backlog.planned.append(arrival.id)


def _look(turn: Turn, arrival: Arrival, system: System, look: Look) -> Look | None:
    is_first = not look.before  # One that was void keeps its place, and what it has to tell.
    if is_first and turn.ahead.is_being_read(arrival):
        turn.ahead.wait(arrival)
        return None
    source = turn.book.integrations[arrival.source]
    if not accounts.may_read(source):
        holds.hold_hook(turn.tx, arrival.id, backoff(len(CAPS), turn.now, 1.0))  # A reconnect or a resume makes it due.
        turn.ahead.looks_at(arrival)  # Nothing was tried, so that those behind it keep their order.
        reason, why = (Reason.PAUSED, source.why_paused) if source.is_paused else (Reason.DISCONNECTED, "")
        said = rows.Said(arrival.event_type or "unknown", Outcome.HELD, reason, why)
        turn.say(rows.after_look(rows.of_arrival(arrival, system.side, turn.now, said), arrival, None, None))
        return None
    turn.ahead.looks_at(arrival)
    return look


def _write_down(turn: Turn, arrival: Arrival, link: StoredLink, side: Side, one: Heard, looked: Sequence[Line]) -> None:
    if one.is_new_note:
        notes.add(
            turn.tx,
            link.id,
            side,
            one.seen.note_id,
            turn.now,
            text=one.seen.text,
            errand_id=one.errand_id,
            arrival_id=arrival.id,
        )
    if one.bound_to is not None:
        errands.found_standing(turn.tx, one.bound_to, one.seen.note_id)
    if one.decision is not None:
        is_told_below = one.outcome is not None
        turn.add(link, one.decision.drafts, origin_of(arrival, () if is_told_below else looked))
        if one.decision.reason is Reason.REOPENED_BY_US:
            turn.alarms.append((Reason.REOPENED_BY_US, link))
    if one.outcome is None or one.reason is None:
        return  # The change goes on: its row is written by its attempt.
    detail = unmapped.detail(link.link, side, one.seen, one.reason)
    said = rows.Said(one.change, one.outcome, one.reason, detail, by=one.seen.by.name, at=one.seen.at)
    turn.say(rows.of_arrival(arrival, side, turn.now, said, link, looked))


def _set_aside(turn: Turn, arrival: Arrival, side: Side, hint: Hint, link: StoredLink | None) -> None:
    reason = Reason.PING if hint.is_ping else Reason.UNKNOWN_TYPE
    _say(turn, arrival, side, Outcome.IGNORED, reason, link=link)
    turn.backlog.planned.append(arrival.id)


def _say(
    turn: Turn,
    arrival: Arrival,
    side: Side,
    outcome: Outcome,
    reason: Reason,
    detail: str = "",
    link: StoredLink | None = None,
) -> None:
    """A row about the hook as a whole: its change is the sender's own word for it."""
    said = rows.Said(arrival.event_type or "unknown", outcome, reason, detail)
    turn.say(rows.of_arrival(arrival, side, turn.now, said, link))
