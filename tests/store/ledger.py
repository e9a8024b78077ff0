"""Rows to begin a store test with: a link, a hook, an errand, an account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.core.changes import Actor, Side, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.link import Link, LinkState
from syncd.store import arrivals, errands, integrations, lanes, links
from syncd.store.arrivals import NewArrival
from syncd.store.database import Tx
from syncd.store.errands import Begun, NewErrand, StoredErrand
from syncd.store.links import StoredLink

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHARD = 3
ANA = Actor("Ana")


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def hook(key: str | None = None, *, record: str = "I-1", source: str = "pagerduty", at: datetime = NOON) -> NewArrival:
    return NewArrival(source, key, "incident.acknowledged", record, b"{}", at, SHARD)


def heard(tx: Tx, *hooks: NewArrival) -> list[int]:
    return [number for number in arrivals.add_many(tx, hooks) if number is not None]


def a_link(tx: Tx, number: int = 1, *, state: LinkState = LinkState.OPEN) -> StoredLink:
    link = Link("", "cases", f"C-{number}", "pagerduty", connector="payments", state=LinkState.OPENING)
    stored = links.create(tx, link, key=f"key-{number}", title="Slow", body="", shard=SHARD, now=NOON)
    if state is LinkState.OPENING:
        return stored
    incident = f"I-{number}" if state is LinkState.OPEN else ""
    return links.save(tx, stored, replace(stored.link, state=state, incident_id=incident), opened_at=NOON)


def an_errand(
    tx: Tx,
    link: StoredLink,
    kind: ErrandKind = ErrandKind.NOTE,
    side: Side = Side.INCIDENT,
    *,
    held: str = "",
    at: datetime = NOON,
    arrival_id: int | None = None,
) -> int:
    draft = Draft(side, kind, Verb.NOTE, "words", by=ANA, occurred_at=NOON)
    return errands.add(tx, NewErrand(link.id, draft, link.shard, at, arrival_id, NOON, held)).id


def sent(tx: Tx, errand_id: int, token: str = "t1", at: datetime = NOON) -> StoredErrand:
    """Under way, with a lease of 35 s."""
    lease = at + timedelta(seconds=35)
    errands.begin(tx, [Begun(errand_id, token, None)], now=at, lease_until=lease)
    return errands.under_way(tx, [token])[token]


def an_account(tx: Tx, slug: str = "pagerduty", side: Side = Side.INCIDENT) -> None:
    integrations.add(tx, slug=slug, system="make-believe", side=side, base_url="", settings={}, sealed=None, now=NOON)


def state_of(tx: Tx, link: StoredLink, errand_id: int) -> str:
    return str(next(row["state"] for row in errands.of_link(tx, link.id) if row["id"] == errand_id))


def heads(tx: Tx, link: StoredLink, seconds: float = 0) -> list[int]:
    """Those of its lanes that could be claimed now, asked for in both ways."""
    found = lanes.due_of_links(tx, [link.id], later(seconds))
    assert bool(found) == (link.id in lanes.due_links(tx, [SHARD], later(seconds), 100))
    return [one.id for one in found]
