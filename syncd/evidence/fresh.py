"""How recent what is kept of an account is, read from the store: one line for each dataset, and one for each time it was due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncd.evidence.collecting.catalogue import COURSES, WITH
from syncd.evidence.collecting.due import why_not
from syncd.evidence.collecting.replay import missing_of
from syncd.evidence.facts.dataset import EVERY, Name, all_told
from syncd.evidence.freshness import DueCollection, Ended, Freshness, State, due_within, state_of
from syncd.evidence.spans import Span
from syncd.store import integrations
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
                state=state_of(collected_at, EVERY[name], at),
                every=EVERY[name],
                collected_at=collected_at,
                next_at=next_at,
                why=_why(account, source, last, waits, slug),
                requests=0 if last is None else last.requests,
                known_since=None if first is None else first.begun_at,
            )
        )
    return tuple(found)


def _next(last: datetime | None, name: Name, at: datetime) -> datetime:
    """What was never due is so at once."""
    return at if last is None else last + EVERY[name]


def _why(account: Integration | None, name: Name, last: Collection | None, waits: Collection | None, slug: str) -> str:
    if account is None:
        return f"There is no account called {slug} any more."
    if not account.gives_evidence:
        return f"Nothing is collected from it; `syncd integrations set {slug} --evidence on` switches that on."
    if why_not(account):
        return why_not(account)
    if waits is not None and waits.detail:
        return waits.detail
    told = [] if last is None else all_told(missing_of(last), name)
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{told[0]}{more}." if told else ""


def due_of(tx: Tx, slug: str, window: Span, at: datetime) -> tuple[DueCollection, ...]:
    """Each time that a dataset was due in the window, in the datasets' order."""
    return tuple(_due(tx, slug, window, at))


def _due(tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[DueCollection]:
    first = collections.first_due(tx, slug)
    for name in COURSES:
        known = collections.due_since(tx, slug, name, window.start)
        ended = [Ended(one.due_at, one.ended_at) for one in known if one.due_at is not None]
        yield from due_within(name, EVERY[name], first.get(name), ended, window, at)
