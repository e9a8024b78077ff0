"""`syncd restored`: what it marks, and what it says to whoever restored a backup."""

from __future__ import annotations

from datetime import timedelta

from syncd.core.changes import Side
from syncd.store import gaps, heartbeats, integrations, reconciles
from syncd.store.database import Database

from .conftest import Syncd


def test_what_changed_since_the_last_sign_of_life_is_to_be_read(syncd: Syncd, store: Database) -> None:
    with store.write() as tx:
        now = store.now(tx)
        made = now - timedelta(hours=1)
        integrations.add(
            tx, slug="acme", system="pagerduty", side=Side.INCIDENT, base_url="", settings={}, sealed=b"x", now=made
        )
        heartbeats.beat(tx, "worker", "host:1", made)
    ended = syncd("restored", "--by", "Ana")
    assert ended.code == 0
    assert ended.out.startswith(
        f"The backup is of {made:%Y-%m-%d %H:%M:%S} UTC. What has changed since is read from acme"
    )
    with store.read() as tx:
        asked, gap = reconciles.latest(tx, "acme"), integrations.all_of(tx)["acme"].gap
        assert not gaps.is_read(tx, "acme", "syncd.reconcile")
    assert asked is not None
    assert (asked["since"], asked["why"], asked["asked_by"]) == (made, "restored", "Ana")
    assert gap is not None
    assert gap.since == made
    found = syncd("status", "-o", "table")
    assert found.code == 1
    assert f"A backup of {made:%Y-%m-%d %H:%M} UTC was restored" in found.out


def test_who_knows_better_when_it_was_made_says_so(syncd: Syncd, store: Database) -> None:
    assert syncd("restored", "--made", "2026-01-01T12:00Z").out.startswith("The backup is of 2026-01-01 12:00:00 UTC.")
    wrong = syncd("restored", "--made", "2999-01-01T12:00Z")
    assert wrong.code == 2
    assert "is still to come" in wrong.err
