"""Writing down how an attempt ended. Only the attempt that holds the errand's token may; a late worker overwrites nothing."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from syncd import errors
from syncd.core import answered as core
from syncd.core import prepare, retry, wording
from syncd.core.answered import Answer, Settled
from syncd.core.changes import Side, Status, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.core.weigh import Verdict
from syncd.store import arrivals, errands, holds, links, notes, observed
from syncd.store.errands import Finished, StoredErrand
from syncd.store.links import StoredLink
from syncd.tracing.context import under

from . import accounts, authors, own_looks, removed, rows
from .attempt import Attempted, Met, NeverOpened, NotBegun, Observed, Opened
from .late import settle_late
from .turn import Origin, Turn

_WAS_THERE = "It was put aside, and had been opened before that: the case is linked to it."
_NOT_THERE = "It was looked for and not found, so that nothing was opened."
_EVENT_TAKEN = "PagerDuty has taken the event; whether an incident stands it does not say by this way."


def settle(turn: Turn, finished: Sequence[Attempted]) -> None:
    """The turn holds their links already."""
    held = errands.under_way(turn.tx, [one.job.token for one in finished])
    for one in finished:
        stored = held.get(one.job.token)
        if stored is None:
            with under(one.job.stored.trace):
                turn.apart(partial(settle_late, turn, one), partial(_late_and_broken, turn, one))
            continue
        with under(stored.trace):
            turn.apart(partial(_settle_one, turn, one, stored), partial(_broken, turn, one, stored))
        turn.lanes.add(turn.link(stored.link_id).shard)  # Its lane has a new head.


def _late_and_broken(turn: Turn, one: Attempted, _: Exception) -> StoredLink:
    """Nothing depends on it; the log has the traceback."""
    return turn.link(one.job.stored.link_id)


def _broken(turn: Turn, one: Attempted, stored: StoredErrand, error: Exception) -> StoredLink:
    """A fault of ours: what the far side answered cannot be written down, so the next attempt looks at it again."""
    said = errors.Ambiguous(
        f"syncd failed to write down the answer ({type(error).__name__}); the log has the traceback."
    )
    return _failed(turn, one, stored, turn.link(stored.link_id), said)


def _settle_one(turn: Turn, one: Attempted, stored: StoredErrand) -> StoredLink:
    link = turn.link(stored.link_id)
    if not turn.book.has_both(link.link):
        return removed.end(
            turn,
            link,
            removed.Back(
                stored.id, _came(one), one.trip, one.result.record.url if isinstance(one.result, Opened) else ""
            ),
        )
    authors.came_back(turn, one.job.slug, one.job.signing.author, one.trip)
    authors.unmade(turn, one.job.stored, one.result, one.trip)
    return _came_back(turn, one, stored, link)


def _came_back(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink) -> StoredLink:
    match one.result:
        case errors.SideError() as error:
            return _failed(turn, one, stored, link, error)
        case Opened(record, remark):
            return _opened(turn, one, stored, link, core.opened(link.link, record, one.job.rules), remark)
        case NotBegun(wait_s):
            return _untried(turn, stored, link, wait_s)
        case Met(author, could_be_asked):
            accounts.answered(turn, one.job.slug)
            authors.met(turn, one.job.slug, author, could_be_asked=could_be_asked)
            errands.looked_besides(turn.tx, stored, rows.lines(one.trip.exchanges))
            return _untried(turn, stored, link, 0.0)
        case Observed(would):
            return _only_observed(turn, one, stored, link, would)
        case NeverOpened(told) if stored.errand.is_put_aside:
            return _put_aside(turn, one, stored, link, told or _NOT_THERE)
        case NeverOpened(told):
            over = prepare.case_over(link.link)
            settled = Settled(over.link, over.outcome, over.reason)
            return _ended(turn, one, stored, link, settled, ErrandState.WITHDRAWN, detail=told)
        case Answer() as answer:
            return _answered(turn, one, stored, link, answer)


def _came(one: Attempted) -> str:
    """For whoever wonders what a removed account was left with."""
    match one.result:
        case Opened(record):
            return removed.opened(record)
        case errors.Ambiguous() as error:
            return f"{removed.UNKNOWN} {error}"
        case errors.SideError() as error:
            return f"An attempt was under way, and has failed: {error}"
        case Answer(verdict=Verdict.WRITE):
            return "An attempt was under way, and was made."
        case _:
            return ""


def _untried(turn: Turn, stored: StoredErrand, link: StoredLink, wait_s: float) -> StoredLink:
    turn.about_to_return(stored)
    next_at = turn.now + timedelta(seconds=wait_s)
    errands.give_back(turn.tx, stored, next_at, is_doubtful=False, is_tried=False)
    return link


def _only_observed(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, would: str) -> StoredLink:
    if not turn.book.is_observed(link.link, stored.errand.side):
        return _untried(turn, stored, link, 0.0)  # That ended while it was read.
    if turn.book.is_from_before_observing(link.link, stored):
        return _kept(turn, one, stored, link, would)
    return _observed(turn, one, stored, link, would)


def _kept(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, would: str) -> StoredLink:
    """Observing drops nothing that was promised before it. What stands behind in its lane would be out of order without it."""
    accounts.answered(turn, one.job.slug)
    turn.about_to_return(stored)
    turn.flush()
    errands.give_back(turn.tx, stored, turn.now, is_doubtful=False, held=Reason.ASKED_BEFORE, is_tried=False)
    ended = rows.Ended(Outcome.HELD, Reason.ASKED_BEFORE, f"{SENTENCES[Reason.ASKED_BEFORE]} {would}")
    turn.say(rows.of_errand(stored, link, turn.now, ended, one.trip))
    for behind in holds.hold_lane(turn.tx, link.id, stored.errand.side, Reason.ASKED_BEFORE):
        turn.say_held(behind, link, Reason.ASKED_BEFORE)
    return link


def _observed(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, would: str) -> StoredLink:
    """Nothing was written and nothing is asked any more; what the record said besides is news as always."""
    accounts.answered(turn, one.job.slug)
    observed.mark(turn.tx, stored.id)
    why = turn.book.why_unwritten(link.link, stored.errand.side)
    if stored.errand.kind is ErrandKind.OPEN:
        settled = Settled(prepare.never_to_open(link.link), Outcome.IGNORED, why)
        links.explain(turn.tx, link.id, would)
    else:
        settled = core.refused(link.link, stored.errand, one.job.rules, one.read, one.job.go.wish)
        settled = replace(settled, outcome=Outcome.IGNORED, reason=why)
    return _ended(turn, one, stored, link, settled, ErrandState.WITHDRAWN, detail=would)


def _answered(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, answer: Answer) -> StoredLink:
    accounts.answered(turn, one.job.slug)
    authors.landed(turn, stored, one.job.slug, answer.record)
    settled = core.answered(link.link, stored.errand, one.job.go.wish, answer, one.job.rules)
    is_standing = answer.verdict is Verdict.ALREADY and stored.errand.kind in {ErrandKind.NOTE, ErrandKind.CLOSING_NOTE}
    if answer.note_id:
        _know_note(turn, stored, answer)
        if is_standing:
            settled = replace(settled, outcome=Outcome.APPLIED, reason=Reason.ADOPTED)
    elif is_standing:
        settled = replace(settled, reason=Reason.NOT_NEEDED)
    state = ErrandState.DELIVERED if settled.outcome is Outcome.APPLIED else ErrandState.WITHDRAWN
    return _ended(turn, one, stored, link, settled, state, far_id=answer.note_id, detail=answer.told)


def _know_note(turn: Turn, stored: StoredErrand, answer: Answer) -> None:
    """A hook may have been taken for this note that was somebody's own, with the very same words: plan it again."""
    side, note_id = stored.errand.side, answer.note_id
    for arrival_id in notes.release(turn.tx, stored.id, keep=note_id):
        arrivals.again(turn.tx, arrival_id, turn.now)
    known = notes.find(turn.tx, stored.link_id, side, note_id)
    if known is not None and known.errand_id == notes.FORGOTTEN:
        notes.is_of(turn.tx, stored.link_id, side, note_id, stored.id)
    if known is None:
        notes.add(turn.tx, stored.link_id, side, note_id, turn.now, text=answer.note_text, errand_id=stored.id)


def _opened(
    turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, settled: Settled, remark: str
) -> StoredLink:
    accounts.answered(turn, one.job.slug)
    can_be_read = one.job.system.capabilities.can_be_read
    was_there = can_be_read and stored.errand.is_put_aside
    said = SENTENCES[settled.reason] if can_be_read else _EVENT_TAKEN
    detail = _WAS_THERE if was_there else _as_wanted(link, said, remark)
    after = _ended(turn, one, stored, link, settled, ErrandState.DELIVERED, detail=detail)
    source, record = after.link.integration, after.link.incident_id
    turn.replan(source, record)
    if can_be_read and stored.errand.is_doubtful and turn.book.integrations[source].gap is not None:
        # What people said on it found no link, and is told by no hook any more.
        own_looks.ask(turn, after, Side.INCIDENT)
    return after


def _as_wanted(link: StoredLink, said: str, remark: str) -> str:
    """By which rule and preset it was opened, and what could not be as they want it."""
    style = link.style
    chosen = f"It was opened by rule {style.rule} with preset {style.preset}." if style.rule else ""
    return " ".join(filter(None, (said, chosen, style.remark, remark)))


def _ended(
    turn: Turn,
    one: Attempted,
    stored: StoredErrand,
    link: StoredLink,
    settled: Settled,
    state: ErrandState,
    *,
    far_id: str = "",
    detail: str = "",
) -> StoredLink:
    turn.backlog.finished.append(Finished(stored.id, state, far_id))
    is_opened = settled.link.state is LinkState.OPEN and link.link.state is LinkState.OPENING
    after = turn.save(link, settled.link, is_opened=is_opened)
    reason = Reason.REOPENED_BY_US if settled.is_alarming else settled.reason
    ended = rows.Ended(settled.outcome, reason, detail)
    turn.say(rows.of_errand(stored, after, turn.now, ended, one.trip))
    for news in settled.news:
        if news.outcome not in {None, Outcome.SUPPRESSED} or news.reason is Reason.AGREED:
            turn.say(rows.of_news(stored, after, turn.now, news))
    look_at = _asked_for(turn, after, stored.errand.side, settled)
    turn.add(after, settled.drafts, Origin(stored.arrival_id, stored.received_at, look_at=look_at))
    if settled.needs_look and look_at is None:
        # The order of two changes cannot be told from their times: the record says.
        own_looks.ask(turn, after, stored.errand.side)
    if settled.is_alarming:
        turn.alarms.append((Reason.REOPENED_BY_US, after))
    authors.left_in_doubt(turn, stored, after)
    return after


def _asked_for(turn: Turn, link: StoredLink, side: Side, settled: Settled) -> datetime | None:
    """When the look is made that a write waits for, if that was asked for before. Should it not do, the write asks anew."""
    if not (settled.needs_look and any(draft.is_after_a_look for draft in settled.drafts)):
        return None
    return own_looks.asked_for(turn, link, side)


def _failed(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, error: errors.SideError) -> StoredLink:
    begun = stored.begun_at or turn.now
    verdict = retry.after_error(
        error,
        attempt=stored.errand.attempt,
        begun_at=begun,
        now=turn.now,
        jitter=random.random(),  # noqa: S311  jitter
    )
    if verdict.state is ErrandState.DEAD:
        accounts.doubt(turn, one.job.slug, error)
        return _refused(turn, one, stored, link, verdict.reason, str(error))
    next_at = verdict.next_at or turn.now
    held = verdict.reason if verdict.state is ErrandState.HELD else ""
    turn.about_to_return(stored)
    errands.give_back(turn.tx, stored, next_at, is_doubtful=verdict.is_doubtful, held=held)
    ended = rows.Ended(verdict.outcome, verdict.reason, str(error), verdict.next_at)
    turn.say(rows.of_errand(stored, link, turn.now, ended, one.trip))
    accounts.failed(turn, one.job.slug, error)
    return link


def _refused(
    turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, reason: Reason, detail: str
) -> StoredLink:
    accounts.answered(turn, one.job.slug)
    if stored.errand.is_put_aside:
        told = f"Whether it was opened is not known: {detail}"
        return _put_aside(turn, one, stored, link, told)
    if stored.errand.kind is ErrandKind.OPEN:
        return _never_to_open(turn, one, stored, link, reason, detail)
    wish = one.job.go.wish
    is_closed = one.read is not None and one.read.status is Status.CLOSED
    if is_closed and wish is not None and stored.errand.side is Side.CASE:
        detail = f"{detail} The case was closed meanwhile."
    settled = core.refused(link.link, stored.errand, one.job.rules, one.read, wish)
    settled = replace(settled, reason=reason)
    return _ended(turn, one, stored, link, settled, ErrandState.DEAD, detail=detail)


def _put_aside(turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, detail: str) -> StoredLink:
    """A person wanted no incident, and an attempt before that might have opened it."""
    settled = Settled(prepare.never_to_open(link.link), Outcome.PARKED, Reason.PARKED)
    return _ended(turn, one, stored, link, settled, ErrandState.DEAD, detail=detail)


def _never_to_open(
    turn: Turn, one: Attempted, stored: StoredErrand, link: StoredLink, reason: Reason, detail: str
) -> StoredLink:
    """Nobody on call, or refused for good: the link has failed, the case is told, and what waits is held."""
    failed = replace(link.link, state=LinkState.FAILED)
    words = wording.as_note(wording.opening_failed(detail), turn.book.rules(link.link).capabilities[Side.CASE])
    told = Draft(Side.CASE, ErrandKind.NOTE, Verb.OPEN, words)
    after = _ended(
        turn, one, stored, link, Settled(failed, Outcome.FAILED, reason, (told,)), ErrandState.DEAD, detail=detail
    )
    links.explain(turn.tx, link.id, detail)
    for waiting in holds.hold_lane(turn.tx, link.id, Side.INCIDENT, Reason.LINK_FAILED):
        turn.say(rows.of_errand(waiting, after, turn.now, rows.Ended(Outcome.HELD, Reason.LINK_FAILED)))
    return after


def take_over(turn: Turn, expired: Sequence[StoredErrand], gone: Collection[str]) -> None:
    """Their workers are gone, some for certain. Whether a write was made nobody knows: the next attempt looks before it writes."""
    turn.hold([lost.link_id for lost in expired])
    for lost in errands.under_way(turn.tx, [lost.token for lost in expired]).values():
        _take_over_one(turn, lost, turn.link(lost.link_id), is_gone=lost.made_by in gone)


def _take_over_one(turn: Turn, lost: StoredErrand, link: StoredLink, *, is_gone: bool) -> None:
    if not turn.book.has_both(link.link):
        removed.end(turn, link)
        return
    next_at = max(turn.now, _landed_at(turn, lost, link, is_gone=is_gone))
    errands.give_back(turn.tx, lost, next_at, is_doubtful=True)
    ended = rows.Ended(Outcome.RETRYING, Reason.WORKER_LOST, next_at=next_at)
    row = rows.of_errand(lost, link, turn.now, ended)
    untold = {"before": list(lost.looked)} if lost.looked and lost.errand.attempt == 1 else None
    request_id = f"e{lost.id}.{lost.errand.attempt}"
    turn.say(replace(row, started_at=lost.begun_at, request_id=request_id, request=untold))
    turn.lanes.add(link.shard)


def _landed_at(turn: Turn, lost: StoredErrand, link: StoredLink, *, is_gone: bool) -> datetime:
    """Its last try has landed by then: who is gone has sent nothing since. A restored backup knows an earlier one: it may have been
    tried until the restore.
    """
    landed_at = (lost.begun_at or turn.now) + retry.LANDS_WITHIN
    if is_gone:
        landed_at = min(landed_at, turn.now + retry.LATE_AT_MOST)
    gap = turn.book.integrations[link.link.system(lost.errand.side)].gap
    return landed_at if gap is None else max(landed_at, gap.landed_at)
