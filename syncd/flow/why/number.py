"""An incident by its number, which only PagerDuty knows: its accounts are asked, and only when nothing here is called so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from syncd import errors
from syncd.clock import Clock
from syncd.connections.numbered import has_numbers, incident_numbered
from syncd.connections.open import Connections
from syncd.flow.accounts import may_read
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

SECONDS = 2.0  # somebody waits for it


@dataclass(frozen=True, slots=True)
class Known:
    """What the accounts said of a number."""

    found: Sequence[tuple[str, str]]  # an account, and the id of its incident
    unasked: Sequence[str]  # accounts that gave no answer


def ask(db: Database, connections: Connections, clock: Clock, number: str, within: Collection[str]) -> Known:
    with db.read() as tx:
        accounts = [one for one in integrations.all_of(tx).values() if _has_incidents(one, within)]
    found, unasked = [], []
    for one in accounts:
        if not may_read(one):
            unasked.append(one.slug)
            continue
        trip = Trip.begin(f"why-{one.slug}", clock.monotonic, SECONDS, purpose=Purpose.RECONCILE)
        try:
            found.append((one.slug, incident_numbered(connections, one, trip, number)))
        except errors.Refused:
            continue  # It has none of this number.
        except errors.SideError:
            unasked.append(one.slug)
    return Known(found, unasked)


def _has_incidents(one: Integration, within: Collection[str]) -> bool:
    return has_numbers(one) and (not within or one.slug in within)
