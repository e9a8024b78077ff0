"""How recent what is kept of an account is, read from the store: one line for each dataset, and one for each time it was due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncd.core.diagnostics import Subject
from syncd.core.judging import State as StateOfKey
from syncd.evidence.collecting.catalogue import COURSES, WITH
from syncd.evidence.collecting.due import why_not
from syncd.evidence.collecting.replay import missing_of
from syncd.evidence.facts.dataset import EVERY, Name, all_told
from syncd.evidence.findings.opinion import counted
from syncd.evidence.freshness import DueCollection, Ended, Freshness, State, due_within, state_of
from syncd.evidence.spans import Span
from syncd.store import integrations, probes
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from syncd.store.integrations import Integration


def freshness_of(tx: Tx, slug: str, at: datetime) -> tuple[Freshness, ...]:
    """As it was known then; what waits, and for what, is told as it is now."""
    account, due = integrations.get(tx, slug), collections.last_due(tx)
    found: list[Freshness] = []
    for name in Name:
        source = WITH.get(name, name)
        if name is Name.CASES:
            found.append(Freshness(name, State.ON_TIME, EVERY[name], at))
            continue
        last = collections.latest(tx, slug, source, at)
        waits = collections.under_way(tx, slug, source)
        if source is Name.ROSTER and last is None and waits is None:
            continue
        first = collections.first(tx, slug, source, at)
        next_at = waits.next_at if waits is not None else _next(due.get((slug, source)), source, at)
        collected_at = None if last is None else last.begun_at
        found.append(
            Freshness(
                dataset=name,
                state=state_of(collected_at, EVERY[name], at, () if last is None else missing_of(last)),
                every=EVERY[name],
                collected_at=collected_at,
                next_at=next_at,
                why=_why(tx, account, source, last, waits, slug),
                requests=0 if last is None else last.requests,
                known_since=None if first is None else first.begun_at,
                unfinished_since=None if waits is None else waits.begun_at or waits.asked_at,
                unfinished="" if waits is None else _unfinished(waits, at),
            )
        )
    return tuple(found)


def _next(last: datetime | None, name: Name, at: datetime) -> datetime:
    """What was never due is so at once."""
    return at if last is None else last + EVERY[name]


def _why(
    tx: Tx, account: Integration | None, name: Name, last: Collection | None, waits: Collection | None, slug: str
) -> str:
    if account is None:
        return f"There is no account called {slug} any more."
    if not account.gives_evidence:
        return f"Nothing is collected from it; `syncd integrations set {slug} --evidence on` switches that on."
    if why_not(account):
        return _accepted_since(tx, account) or why_not(account)
    if waits is not None and waits.detail:
        return waits.detail
    told = [] if last is None else all_told(missing_of(last), name)
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{told[0]}{more}." if told else ""


def _unfinished(one: Collection, at: datetime) -> str:
    """Why it waits, if it waits for something, is told beside it."""
    back = f", from {one.since:%Y-%m-%d %H:%M} UTC on" if one.since is not None else ""
    by = f" by {one.asked_by}" if one.asked_by else ""
    if one.begun_at is None:
        return f"Asked for at {one.asked_at:%Y-%m-%d %H:%M} UTC{by}{back}, and not begun yet."
    begun = f"{one.begun_at:%Y-%m-%d %H:%M} UTC{back}, {counted(one.requests, 'request')} so far"
    if one.state == collections.RUNNING and one.lease_until is not None and one.lease_until >= at:
        return f"Being collected since {begun}."
    goes_on = f"the daemon's workers go on where it stopped, and so does `syncd evidence collect {one.integration}`"
    if one.state == collections.RUNNING:
        return f"Unfinished since {begun}: the process that was at it has ended; {goes_on}."
    return f"Unfinished since {begun}: {goes_on}."


def _accepted_since(tx: Tx, account: Integration) -> str:
    """It was given another credential, and nobody has asked with that one yet."""
    known = probes.of(tx, account.slug).get(Subject.KEY)
    if account.is_paused or known is None or known.state is not StateOfKey.OK or known.checked_at <= account.since:
        return ""
    return (
        f"Its credential was accepted at {known.checked_at:%Y-%m-%d %H:%M} UTC: the daemon's workers go on within seconds, and so does "
        f"`syncd evidence collect {account.slug}`."
    )


def due_of(tx: Tx, slug: str, window: Span, at: datetime) -> tuple[DueCollection, ...]:
    """Each time that a dataset was due in the window, in the datasets' order."""
    return tuple(_due(tx, slug, window, at))


def _due(tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[DueCollection]:
    first = collections.first_due(tx, slug)
    for name in COURSES:
        known = collections.due_since(tx, slug, name, window.start)
        ended = [Ended(one.due_at, one.ended_at) for one in known if one.due_at is not None]
        yield from due_within(name, EVERY[name], first.get(name), ended, window, at)
