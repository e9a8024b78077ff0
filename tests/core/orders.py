"""What a person orders in the make-believe store: a change decided anew, and the end of observing an account.

It does what syncd/flow/orders does with the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from syncd.core.again import again
from syncd.core.changes import Field, Side, Status, Verb
from syncd.core.decision import Decision
from syncd.core.errand import FIELD_OF_WISH, Draft, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState, Wish
from syncd.core.reasons import Reason
from syncd.core.retry import LANDS_WITHIN

from .job import Dealt, Job
from .lane import Lanes


def replay(lanes: Lanes, job: Job, now: datetime) -> bool:
    """Whether anything is going to be sent for it."""
    if job.is_live or job.state is ErrandState.DELIVERED or job.dealt is Dealt.REPLAYED:
        return False
    if job.errand.kind not in FIELD_OF_WISH and job.state is ErrandState.WITHDRAWN and job.dealt is Dealt.NOT:
        return False
    if job.errand.kind is ErrandKind.OPEN:
        is_going = _open(lanes, job, now)
    elif job.errand.side is Side.INCIDENT and lanes.link.state is LinkState.ENDED:
        return False
    elif job.errand.kind in FIELD_OF_WISH:
        is_going = _wish(lanes, job, now)
    else:
        is_going = _text(lanes, job, now)
    if is_going:
        job.dealt = Dealt.REPLAYED
    return is_going


def _wish(lanes: Lanes, job: Job, now: datetime) -> bool:
    decision = _again(lanes, job)
    lanes.said.append(f"{job.errand.id} again: {decision.outcome or 'goes on'} {decision.reason or ''}")
    if decision.drafts or decision.reason is Reason.CONFLICT:
        lanes.take(job.errand.side.other, decision, now, of=job)
    return bool(decision.drafts)


def _text(lanes: Lanes, job: Job, now: datetime) -> bool:
    """A note may stand there already, if an attempt at it ended without an answer: then it is looked for first."""
    if job.far_id:
        return False
    until = job.begun_at + LANDS_WITHIN if job.errand.is_doubtful and job.begun_at is not None else None
    lanes.add(_draft(job), now, origin=job.origin, of=job, doubtful_until=until)
    return True


def _open(lanes: Lanes, job: Job, now: datetime) -> bool:
    link = lanes.link
    if link.state not in {LinkState.FAILED, LinkState.ENDED} or link.is_case_over:
        return False
    opening = replace(link, state=LinkState.OPENING)
    is_wanted = (Side.INCIDENT, Field.STATUS) in link.wanted
    is_behind = link.value(Side.CASE, Field.STATUS) == Status.ACKNOWLEDGED and not is_wanted
    if is_behind:
        opening = opening.want(Side.INCIDENT, Field.STATUS, Wish(Status.ACKNOWLEDGED, ""))
    lanes.save(opening)
    lanes.add(_draft(job), now, of=job, doubtful_until=now)
    if is_behind:
        lanes.add(Draft(Side.INCIDENT, ErrandKind.STATUS, Verb.ACKNOWLEDGE), now, of=job)
    return True


def _again(lanes: Lanes, job: Job) -> Decision:
    is_taken_back = job.errand.change is Verb.RESOLVE and _was_reopened(lanes, job)
    is_answered = is_taken_back or was_answered(job, lanes.jobs)
    return again(lanes.link, job.errand, job.by, lanes.rules, job.heard_at, is_answered=is_answered)


def was_answered(asked: Job, jobs: Sequence[Job]) -> bool:
    """A resolve that came in after it went the other way, or was to go."""
    since = asked.heard_at or asked.begun_at or asked.asked_at
    resolves = [one for one in jobs if one.errand.change is Verb.RESOLVE]
    later = [one for one in resolves if one.heard_at is not None and one.heard_at > since]
    return any(one.errand.side is asked.errand.side.other for one in later)


def _was_reopened(lanes: Lanes, asked: Job) -> bool:
    """Its own side was, after it."""
    since, back = asked.heard_at, lanes.reopened.get(asked.errand.side.other)
    return since is not None and back is not None and back > since


def decide_anew(lanes: Lanes, now: datetime) -> None:
    """What was only observed, of accounts that are written to again."""
    for job in list(lanes.jobs):
        if job.dealt is Dealt.OBSERVED and job.errand.side not in lanes.observed:
            job.dealt = Dealt.REPLAYED if _decide_one(lanes, job, now) else Dealt.LEFT


def _decide_one(lanes: Lanes, job: Job, now: datetime) -> bool:
    if lanes.link.state is not LinkState.OPEN:
        return False
    if job.errand.kind is ErrandKind.LINK:
        lanes.add(_draft(job), now, of=job)
        return True
    if job.errand.kind not in FIELD_OF_WISH:
        return False
    decision = _again(lanes, job)
    lanes.said.append(f"{job.errand.id} decided anew: {decision.outcome or 'goes on'} {decision.reason or ''}")
    lanes.take(job.errand.side.other, decision, now, of=job)
    return bool(decision.drafts)


def _draft(job: Job) -> Draft:
    errand = job.errand
    return Draft(errand.side, errand.kind, errand.change, errand.text, errand.author, job.by)
