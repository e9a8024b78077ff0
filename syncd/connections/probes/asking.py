"""From a stored account to what its questions are asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncd.connections.grant import grant_of
from syncd.connections.open import Connections
from syncd.store.integrations import Integration
from syncd.systems.pagerduty.client import other_region
from syncd.systems.trip import Trip

from .questions import Asking


def asking_of(connections: Connections, account: Integration, trip: Trip) -> Asking:
    other = other_region(account.base_url)
    elsewhere = connections.pagerduty(replace(account, base_url=other)) if other else None
    user_id = account.settings.get("from_user_id", "")
    named = user_id if isinstance(user_id, str) else ""
    return Asking(connections.pagerduty(account), elsewhere, trip, named, ungranted(connections, account))


def ungranted(connections: Connections, account: Integration) -> Sequence[str]:
    """Scopes that evidence is read with, and that its token lacks."""
    if account.sealed is None or not account.is_by_oauth:
        return ()
    grant = grant_of(connections.vault.unseal(f"integration:{account.slug}", account.sealed))
    return () if grant is None else grant.client.kind.unread(grant.scopes)
