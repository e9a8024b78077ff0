"""`syncd integrations reconnect`: an account that is disconnected goes on with what it has, or with another key."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from syncd import errors
from syncd.configuration import load
from syncd.connections.master_key import open_vault
from syncd.connections.open import Connections
from syncd.flow import accounts
from syncd.flow.diagnosing import diagnose
from syncd.simulator import KEYS, Simulator
from syncd.store import integrations, probes
from syncd.store.database import Database
from syncd.store.integrations import Integration
from tests.cli.conftest import SECRET, Syncd
from tests.parts.loopback import LOOPBACK

RECONNECT = ("integrations", "reconnect", "acme", "--by", "Ana")


def _account(store: Database) -> Integration:
    with store.read() as tx:
        found = integrations.get(tx, "acme")
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What a worker logs is not what a command says."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


def _connections(store: Database) -> Connections:
    return Connections(store, open_vault(load(None), store), store.clock, outgoing=LOOPBACK)


def _probed(store: Database) -> Integration:
    """As a worker's sweep does, whenever a probe is due."""
    accounts.probe(store, _connections(store), store.clock)
    return _account(store)


@pytest.fixture
def revoked(acme: None, pagerduty: Simulator, store: Database, capsys: pytest.CaptureFixture[str]) -> Simulator:
    """Its key was refused, and a worker has noticed."""
    pagerduty.people.revoke(KEYS.full)
    refused = errors.Unauthorised("PagerDuty does not accept the key.")
    accounts.refused(store, _connections(store), "acme", refused)
    assert _account(store).code == "PAG-100-B"
    diagnose(store, _connections(store), store.clock, _account(store))
    assert _found(store) == {"key": "PAG-100-B"}
    return pagerduty


def _found(store: Database) -> dict[str, str]:
    """What `status` tells of the account's key."""
    with store.read() as tx:
        return {one.subject: one.code for one in probes.failing(tx) if one.integration == "acme"}


def test_with_the_credential_it_has_once_that_works_again(syncd: Syncd, revoked: Simulator, store: Database) -> None:
    revoked.people.restore(KEYS.full)
    done = syncd(*RECONNECT)
    assert (done.code, done.err) == (0, "")
    assert done.out == "The credential of acme is accepted again; what was held goes on in its order within a minute.\n"
    assert _found(store) == {}, "what has just been heard is what status says"
    assert _probed(store).is_connected
    kinds = [one["kind"] for one in syncd("integrations", "log", "acme", "-o", "json").json]
    assert kinds[:3] == ["connected", "connected", "reinitiated"], "its key is accepted, and then it goes on"


def test_one_that_is_still_refused_stays_as_it_is_and_is_told_what_helps(
    syncd: Syncd, revoked: Simulator, store: Database
) -> None:
    refused = syncd(*RECONNECT)
    assert refused.code == 2
    assert "PAG-100-B" in refused.err
    assert not _account(store).is_connected
    kinds = [one["kind"] for one in syncd("integrations", "log", "acme", "-o", "json").json]
    assert kinds[:2] == ["failed", "reinitiated"]


def test_another_key_is_taken_at_once(
    syncd: Syncd, revoked: Simulator, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, KEYS.user)
    done = syncd(*RECONNECT)
    assert done.code == 0, done.err
    said = "acme has its new credential; what was held goes on within seconds. Writes go out as ana.lima@example.com (was syncd-bot@example.com).\n"
    assert done.out == said
    assert _found(store) == {}
    assert _probed(store).is_connected


def test_one_that_is_connected_is_only_asked(syncd: Syncd, acme: None) -> None:
    before = syncd("integrations", "log", "acme", "-o", "json").json
    done = syncd(*RECONNECT)
    assert done.out == "acme is connected, and its credential is accepted; nothing was changed.\n"
    assert syncd("integrations", "log", "acme", "-o", "json").json == before


def test_one_that_a_person_has_paused_stays_paused(syncd: Syncd, revoked: Simulator) -> None:
    assert syncd("integrations", "pause", "acme", "--why", "night", "--by", "Eve").code == 0
    revoked.people.restore(KEYS.full)
    done = syncd(*RECONNECT)
    assert "stays paused by Eve. What is held goes on after `syncd integrations resume acme`." in done.out
