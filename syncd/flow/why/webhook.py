"""Whether hooks of an account reach us, asked at PagerDuty just now: a guardian may not have looked yet."""

from __future__ import annotations

from dataclasses import replace

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.webhooks import seen_now
from syncd.core.changes import Side
from syncd.core.why.facts import NO_TROUBLE, Facts
from syncd.flow.accounts import may_read
from syncd.flow.status import subscriptions
from syncd.store import integrations
from syncd.store.database import Database
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

_SECONDS = 5.0  # somebody waits for it


def seen_today(db: Database, connections: Connections, clock: Clock, facts: Facts, public_url: str) -> Facts:
    """What was found last stands where PagerDuty gives no answer, or where the subscription is not ours to look after."""
    there = facts.accounts.get(Side.INCIDENT)
    with db.read() as tx:
        account, now = (None if there is None else integrations.get(tx, there.slug)), db.now(tx)
    if account is None or account.system != "pagerduty" or not may_read(account):
        return facts
    names = seen_now.ours(db, account.slug)
    if not names:
        return facts
    trip = Trip.begin(f"why-{account.slug}", clock.monotonic, _SECONDS, purpose=Purpose.RECONCILE)
    url = f"{public_url}/hooks/{account.slug}" if public_url else ""
    try:
        found = seen_now.troubles(names, connections.pagerduty(account), trip, url, now)
    except errors.SideError:
        return facts
    if not found:
        return facts
    hooks = replace(
        facts.hooks.get(Side.INCIDENT, NO_TROUBLE),
        trouble=found[0].detail,
        remedy=subscriptions.remedy(account.slug, found[0], is_by_oauth=account.is_by_oauth),
        is_silent=False,
        is_mended_by_us=found[0].is_mended_by_us,
    )
    return replace(facts, hooks={**facts.hooks, Side.INCIDENT: hooks})
