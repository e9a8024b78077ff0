"""Which incident has a number, which only PagerDuty knows."""

from __future__ import annotations

from syncd.connections.open import Connections
from syncd.store.integrations import Integration
from syncd.systems.pagerduty import account
from syncd.systems.trip import Trip

PAGERDUTY = "pagerduty"  # the system


def has_numbers(one: Integration) -> bool:
    return one.system == PAGERDUTY


def incident_numbered(connections: Connections, one: Integration, trip: Trip, number: str) -> str:
    """Its id. Raises Refused where the account has none of this number."""
    return account.incident_numbered(connections.pagerduty(one), trip, number)
