"""Taking errands whose turn has come. An attempt is written down, with its lease and token, before it is made."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from syncd.core import retry
from syncd.core.changes import Field, Side
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.policy import Rules
from syncd.core.prepare import Go, Withdraw, prepare, would
from syncd.core.reasons import Outcome, Reason
from syncd.store import errands, holds, lanes, observed
from syncd.store.errands import Begun, Finished, StoredErrand
from syncd.store.link_json import wish_as_json
from syncd.store.links import StoredLink
from syncd.systems.port import System
from syncd.systems.toll import Purpose, Toll
from syncd.tracing.context import under

from . import removed, rows
from .authors import Signing, left_in_doubt, signing
from .breaker import Breaker
from .room import KINDS, Room, cost_of, purpose_of
from .turn import Origin, Turn


@dataclass(frozen=True, slots=True)
class Job:
    """Everything one attempt needs, so that it can run without the database."""

    stored: StoredErrand
    token: str
    link: StoredLink
    go: Go
    rules: Rules
    system: System
    toll: Toll
    slug: str  # the account it goes to
    service: str
    case_note: str  # the case's resolution note, which rides along with a resolve
    is_observed: bool = False  # it is read, and nothing is written
    signing: Signing = Signing()  # noqa: RUF009  nothing of it changes


def claim(turn: Turn, shards: Collection[int], room: Room) -> tuple[list[Job], bool]:
    """Errands of these shards, one for each lane and as many as their accounts have room for; and whether there may be more.

    Links that another worker has are left to it.
    """
    if not shards:
        return [], False
    if not room.total():
        return [], True
    if not room.scarce:
        jobs, is_more = _claim(turn, shards, room)
    else:  # What is asked of statuses goes first, whichever link it is for.
        jobs, are_more_statuses = _claim(turn, shards, room, Purpose.STATUS)
        notes, are_more_notes = _claim(turn, shards, room, Purpose.NOTE)
        jobs, is_more = jobs + notes, are_more_statuses or are_more_notes
    _tell_who_is_passed(turn, jobs)
    return jobs, is_more


def _claim(turn: Turn, shards: Collection[int], room: Room, purpose: Purpose | None = None) -> tuple[list[Job], bool]:
    """Of one purpose, or of all."""
    turn.flush()  # What has ended lets the next of its lane begin, and what has begun is no head any more.
    wanted, full = room.total(), room.full(purpose or Purpose.STATUS)
    kinds = None if purpose is None else KINDS[purpose]
    due = lanes.due_links(turn.tx, shards, turn.now, wanted, without=full, kinds=kinds)
    jobs, is_more = [], len(due) >= wanted or bool(full)
    heads = lanes.due_of_links(turn.tx, turn.hold_free(due), turn.now)
    breaker = Breaker.of(turn, heads)
    for stored in heads:
        if kinds is not None and stored.errand.kind not in kinds:
            continue
        if not turn.book.has_both(turn.link(stored.link_id).link):
            removed.end(turn, turn.link(stored.link_id))
            continue
        slug = turn.link(stored.link_id).link.system(stored.errand.side)
        cost = cost_of(stored.errand, can_be_read=turn.book.integrations[slug].can_be_read)
        if not room.take(slug, purpose_of(stored.errand), cost):
            is_more = True
            continue
        with under(stored.trace):
            job = turn.apart(partial(_claim_one, turn, stored, breaker), partial(_postponed, turn, stored))
        if job is not None:
            jobs.append(job)
    return jobs, is_more


def _tell_who_is_passed(turn: Turn, jobs: Sequence[Job]) -> None:
    """A resolve never waits behind a note that cannot be posted; the note's row says so, once."""
    first = [job.stored for job in jobs if job.stored.errand.attempt == 1]
    for note in lanes.passed(turn.tx, [one.id for one in first if one.errand.kind is ErrandKind.STATUS]):
        ended = rows.Ended(Outcome.RETRYING, Reason.PASSED)
        turn.say(rows.of_errand(note, turn.link(note.link_id), turn.now, ended))


def _claim_one(turn: Turn, stored: StoredErrand, breaker: Breaker) -> Job | None:
    link = turn.link(stored.link_id)
    held = turn.book.why_held(link.link, stored.errand.side)
    if held:
        _hold(turn, stored, link, Reason(held))
        return None
    rules = turn.book.rules(link.link)
    match prepare(link.link, stored.errand, rules):
        case Go() if breaker.would_loop(turn, stored):
            breaker.stop(turn, stored, link)
            return None
        case Go() as go:
            return _begin(turn, stored, link, go, rules)
        case Withdraw() as withdrawn:
            _withdraw(turn, stored, link, withdrawn)
            return None
        case other:
            assert_never(other)


def _hold(turn: Turn, stored: StoredErrand, link: StoredLink, reason: Reason) -> None:
    """It was out while its lane was held, or let go by one of two that hold it."""
    for waiting in holds.hold_lane(turn.tx, link.id, stored.errand.side, reason):
        turn.say_held(waiting, link, reason)


def _postponed(turn: Turn, stored: StoredErrand, error: Exception) -> None:
    """It cannot even be begun: its account cannot be opened, or the fault is ours."""
    next_at = retry.backoff(len(retry.CAPS) // 2, turn.now, 1.0)
    errands.postpone(turn.tx, stored.id, next_at)
    ended = rows.Ended(Outcome.RETRYING, Reason.BROKEN, rows.broken(error), next_at)
    turn.say(rows.of_errand(stored, turn.link(stored.link_id), turn.now, ended))


def _why_withdrawn(turn: Turn, stored: StoredErrand, link: StoredLink, withdrawn: Withdraw) -> rows.Ended:
    """Behind an opening that was only observed nothing can be sent either, and nobody has parked it."""
    errand = stored.errand
    if withdrawn.reason is not Reason.PARKED or not turn.book.is_observed(link.link, errand.side):
        return rows.Ended(withdrawn.outcome, withdrawn.reason)
    observed.mark(turn.tx, stored.id)
    wish = link.link.wanted.get((errand.side, FIELD_OF_WISH[errand.kind])) if errand.kind in FIELD_OF_WISH else None
    told = would(errand, wish.value if wish else "", turn.book.rules(link.link))
    return rows.Ended(Outcome.IGNORED, turn.book.why_unwritten(link.link, errand.side), told)


def _begin(turn: Turn, stored: StoredErrand, link: StoredLink, go: Go, rules: Rules) -> Job:
    token = secrets.token_hex(8)
    asked = wish_as_json(go.wish) if go.wish is not None else None
    turn.backlog.begun.append(Begun(stored.id, token, asked))
    slug = link.link.system(stored.errand.side)
    connector = turn.book.connectors.get(link.link.connector)
    return Job(
        _begun(stored, token, turn),
        token,
        link,
        go,
        rules,
        turn.book.system(slug),
        turn.book.toll(slug),
        slug,
        link.style.service or (connector.service_id if connector else ""),
        _case_note(link),
        turn.book.is_observed(link.link, stored.errand.side),
        signing(turn, stored, link, go),
    )


def _begun(stored: StoredErrand, token: str, turn: Turn) -> StoredErrand:
    errand = stored.errand
    first = errand.first_begun_at or turn.now
    errand = replace(errand, attempt=errand.attempt + 1, first_begun_at=first)
    return replace(stored, errand=errand, token=token, begun_at=turn.now)


def _case_note(link: StoredLink) -> str:
    if Field.RESOLUTION_NOTE in link.link.conflicts:
        return ""  # A person is to say first which of the two it is.
    return link.link.value(Side.CASE, Field.RESOLUTION_NOTE) or ""


def _withdraw(turn: Turn, stored: StoredErrand, link: StoredLink, withdrawn: Withdraw) -> None:
    turn.backlog.finished.append(Finished(stored.id, ErrandState.WITHDRAWN))
    after = turn.save(link, withdrawn.link)
    row = rows.of_errand(stored, after, turn.now, _why_withdrawn(turn, stored, link, withdrawn))
    untold = {"before": list(stored.looked)} if stored.looked and not stored.errand.attempt else None
    turn.say(replace(row, request=untold))
    turn.add(after, withdrawn.drafts, Origin(stored.arrival_id, stored.received_at))
    left_in_doubt(turn, stored, after)
    turn.lanes.add(link.shard)  # Its lane has a new head.
