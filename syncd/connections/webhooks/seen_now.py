"""How our subscriptions of an account stand at this moment, as PagerDuty says: what the guardian would find at its next look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.store import hook_secrets
from syncd.store.database import Database
from syncd.systems.http import Http
from syncd.systems.pagerduty import account
from syncd.systems.trip import Trip

from .trouble import Trouble, compare


def ours(db: Database, slug: str) -> Sequence[str]:
    with db.read() as tx:
        return [one.subscription for one in hook_secrets.ours(tx, slug)]


def troubles(names: Sequence[str], http: Http, trip: Trip, hooks_come_to: str, now: datetime) -> Sequence[Trouble]:
    """Without an address of ours nothing is said about where they send."""
    there = {one.id: one for one in account.list_subscriptions(http, trip)}
    return list(compare(names, there, hooks_come_to, now))
