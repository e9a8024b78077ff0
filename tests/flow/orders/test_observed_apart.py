"""What was observed of one account is decided anew though another one cannot be opened: each pair of accounts by itself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import text

from syncd.core.changes import CaseOpened, Field, FieldSeen, Seen, Side
from syncd.core.shard import shard_of
from syncd.flow.orders import restraint
from syncd.store import arrivals, connectors, integrations
from syncd.store.arrivals import NewArrival
from syncd.store.connectors import Connector
from tests.flow.far_side import ANA, FarSide, body_of
from tests.flow.world import PAGERDUTY, PRIORITIES, World


@dataclass(frozen=True, slots=True)
class Other:
    """A case desk, and an account of PagerDuty: beside those of the world, or one of them."""

    world: World
    desk: FarSide
    incidents: FarSide

    def hear(self, *seen: Seen, kind: str = "changed") -> None:
        body = body_of("D-1", *seen, kind=kind)
        row = NewArrival("desk", None, "event", "D-1", body, self.world.clock.now(), shard_of("D-1"))
        with self.world.db.write() as tx:
            arrivals.add_many(tx, [row])
        self.world.drain()

    def change(self) -> FieldSeen:
        return self.desk.set("D-1", Field.PRIORITY, "P1", ANA)


def _beside(world: World, pagerduty: str) -> Other:
    """Case D-1 of another desk has its incident."""
    is_new = pagerduty != PAGERDUTY
    other = Other(
        world, FarSide(Side.CASE, world.clock), FarSide(Side.INCIDENT, world.clock) if is_new else world.incident
    )
    with world.db.write() as tx:
        for slug, far in (("desk", other.desk), (pagerduty, other.incidents))[: 2 if is_new else 1]:
            now = world.db.now(tx)
            integrations.add(
                tx, slug=slug, system="make-believe", side=far.side, base_url="", settings={}, sealed=None, now=now
            )
            world.connections._systems[slug] = ((None, "", {}, False), far)
        connector = Connector("other", pagerduty, "desk", "bidirectional", "SVC", "", PRIORITIES, {})
        connectors.add(tx, connector, world.db.now(tx))
    record = other.desk.put("D-1", priority="P3", title="Slow")
    other.hear(CaseOpened("Slow", "", "P3", "", record.url, ANA, record.at), kind="opened")
    return other


def _unopenable(world: World, slug: str) -> None:
    """Its credential was sealed with a master key that is not here."""
    with world.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some WHERE slug = :slug"), {"some": b"x", "slug": slug})


@pytest.mark.parametrize("broken", ["desk", "pagerduty-2", None])
def test_an_account_that_cannot_be_opened_keeps_back_its_own_links_alone(linked: World, broken: str | None) -> None:
    """Its desk's other incidents, and its incidents' other desk, go on."""
    pagerduty = broken if broken == "pagerduty-2" else PAGERDUTY
    other = _beside(linked, pagerduty)
    for slug in {PAGERDUTY, pagerduty}:
        restraint.observe(linked.db, slug, by="Ana")
    other.hear(other.change())
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    assert linked.incident.record("I-1").priority == "LOW"
    if broken is not None:
        _unopenable(linked, broken)
    for slug in {PAGERDUTY, pagerduty}:
        restraint.write_again(linked.db, slug, by="Ana")
    linked.sweep()
    linked.drain()
    assert linked.incident.record("I-1").priority == "HIGH"
    assert other.incidents.record("I-2" if pagerduty == PAGERDUTY else "I-1").priority == ("LOW" if broken else "HIGH")
