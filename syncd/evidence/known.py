"""What an answer asks of whoever collects: what is known of an account at a time, and the pages it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, cast

from syncd.connections import key_age
from syncd.store import integrations
from syncd.store.database import Tx
from syncd.store.evidence.pages import RawPage

from .facts.account import FIELDS, Facts
from .facts.dataset import Dataset, Lack, Missing, Name
from .fresh import due_of, freshness_of
from .kept import facts_of, pages_of
from .report.report import Collected
from .spans import Span
from .visible import unseen


class Known(Protocol):
    def facts(self, tx: Tx, slug: str, window: Span, at: datetime) -> Facts:
        """Everything as it was known at that time."""
        ...

    def pages(self, tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[RawPage]:
        """What those facts were read from, one after another."""
        ...

    def collected(self, tx: Tx, slug: str, window: Span, at: datetime) -> Collected:
        """How fresh it is, what was due in the window, and what the key cannot see."""
        ...


def facts_for(known: Known, tx: Tx, slug: str, window: Span, at: datetime, now: datetime) -> Facts:
    """Of the past, incidents as they are known today: whatever was collected later is about that time all the same."""
    facts = known.facts(tx, slug, window, at)
    if at >= now:
        return facts
    later = known.facts(tx, slug, window, now)
    facts = replace(facts, incidents=later.incidents, cases=later.cases)
    not_then = [name for name in FIELDS if _is_later(facts.of(name), later.of(name))]
    lacking = {FIELDS[name]: replace(facts.of(name), missing=(Missing(Lack.NOT_THEN),)) for name in not_then}
    return replace(facts, **cast("Any", lacking))


def _is_later(then: Dataset[Any], later: Dataset[Any]) -> bool:
    """Collecting it again is no help: that tells of today."""
    return then.collected_at is None and not then.missing and later.collected_at is not None


def pages_for(known: Known, tx: Tx, slug: str, window: Span, at: datetime, now: datetime) -> Iterator[RawPage]:
    """What those facts were read from."""
    if at >= now:
        yield from known.pages(tx, slug, window, at)
        return
    yield from (one for one in known.pages(tx, slug, window, at) if one.dataset != Name.INCIDENTS)
    yield from (one for one in known.pages(tx, slug, window, now) if one.dataset == Name.INCIDENTS)


class Kept:
    """As it is kept in our own database; what the key did not see as well, with each collecting."""

    def facts(self, tx: Tx, slug: str, window: Span, at: datetime) -> Facts:
        return facts_of(tx, slug, window, at)

    def pages(self, tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[RawPage]:
        return pages_of(tx, slug, window, at)

    def collected(self, tx: Tx, slug: str, window: Span, at: datetime) -> Collected:
        account = integrations.get(tx, slug)
        fresh, due = freshness_of(tx, slug, at), due_of(tx, slug, window, at)
        if account is None:
            return Collected(fresh, due)
        return Collected(fresh, due, unseen(tx, account, at), key_age.keys_told(tx, account, at))
