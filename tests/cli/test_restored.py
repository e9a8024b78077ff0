"""`syncd restored`: what it marks, and what it says to whoever restored a backup."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.cli import up
from syncd.configuration import load
from syncd.core.changes import Side
from syncd.simulator import BOT_EMAIL, simulator
from syncd.simulator.server import serve
from syncd.store import gaps, heartbeats, integrations, reconciles
from syncd.store.database import Database
from tests.parts.terms import FLAGS

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


def test_incidents_whose_case_is_lost_are_listed_with_what_to_do(
    syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = syncd("restored", "--lost")
    assert (none.code, none.json, none.err) == (0, [], "No incident that stands open has lost its case.\n")
    people = syncd("restored", "--lost", "-o", "table")
    assert (people.code, people.out, people.err) == (0, "", none.err)
    with simulator(api_url="", web_url="https://acme.pagerduty.test") as sim, serve(sim.app) as url:
        monkeypatch.setenv("SYNCD_SECRET", sim.keys.full)
        assert syncd("integrations", "add", "acme", "--email", BOT_EMAIL, "--where", url, *FLAGS).code == 0
        lost = sim.people.open("Checkout is slow", "Ana Lima", incident_key=f"syncd-{'0' * 24}")
        sim.people.open("By hand", "Ana Lima", incident_key="syncd")
        assert "`syncd restored --lost`" in syncd("restored").out
        waits = syncd("restored", "--lost")
        assert (waits.code, "acme since the backup was made is still being read" in waits.err) == (2, True)
        with store.write() as tx:
            gaps.end(tx, "acme", store.now(tx))
        told = syncd("restored", "--lost")
        assert [(one["incident_id"], one["title"], one["status"]) for one in told.json] == [
            (lost.id, "Checkout is slow", "open")
        ]
        assert "resolve the incident in PagerDuty" in told.err
        sim.people.resolve(lost.id, "Ana Lima")
        assert syncd("restored", "--lost").json == []
    away = syncd("restored", "--lost")
    assert (away.code, "The incidents of acme cannot be read now" in away.err) == (3, True)


def test_who_knows_better_when_it_was_made_says_so(syncd: Syncd, store: Database) -> None:
    assert syncd("restored", "--made", "2026-01-01T12:00Z").out.startswith("The backup is of 2026-01-01 12:00:00 UTC.")
    wrong = syncd("restored", "--made", "2999-01-01T12:00Z")
    assert wrong.code == 2
    assert "is still to come" in wrong.err


def test_it_is_refused_while_parts_run_and_changes_nothing(
    syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def live(*_: float) -> None:
        with store.write() as tx:
            heartbeats.beat(tx, "worker", "host:1", store.now(tx))

    with store.write() as tx:
        now = store.now(tx)
        integrations.add(
            tx, slug="acme", system="pagerduty", side=Side.INCIDENT, base_url="", settings={}, sealed=b"x", now=now
        )
    live()
    monkeypatch.setattr(time, "sleep", live)
    refused = syncd("restored")
    assert (refused.code, refused.out) == (2, "")
    assert "These parts run on this database: worker; stop every part" in refused.err
    with store.read() as tx:
        assert reconciles.latest(tx, "acme") is None
    monkeypatch.setattr(time, "sleep", lambda _: None)
    assert syncd("restored").code == 0


def test_up_says_it_in_the_name_of_whoever_is_named(
    syncd: Syncd, store: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as tx:
        now = store.now(tx)
        integrations.add(
            tx, slug="acme", system="pagerduty", side=Side.INCIDENT, base_url="", settings={}, sealed=b"x", now=now
        )
    monkeypatch.setenv("SYNCD_BY", "Ana")
    up._say_restored(load(None))
    with store.read() as tx:
        asked = reconciles.latest(tx, "acme")
    assert asked is not None
    assert asked["asked_by"] == "Ana"
