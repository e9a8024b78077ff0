"""PagerDuty's own Python client, over TLS on loopback, is satisfied with the simulator."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.simulator import BOT_EMAIL, Fault, Simulator, serve, simulator
from tests.parts.require import unavailable

try:
    from pagerduty import RestApiV2Client
except ImportError:
    RestApiV2Client = None  # type: ignore[assignment,misc]  # the fixture then says what is missing


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """In real time: this client waits by itself."""
    with simulator(seed=7, clock=Clock()) as made:
        yield made


Connect = Callable[[str], "RestApiV2Client"]


@pytest.fixture
def connect(sim: Simulator, certificate: tuple[Path, Path]) -> Iterator[Connect]:
    if RestApiV2Client is None:
        unavailable("client", "the official client (PyPI: pagerduty) is not installed; the develop lock holds it")
    public, private = certificate
    trusting = ssl.create_default_context(cafile=str(public))
    with serve(sim.app, certificate=public, key=private) as base, ExitStack() as clients:

        def connected(key: str) -> RestApiV2Client:
            client = RestApiV2Client(key, default_from=BOT_EMAIL, base_url=base, verify=trusting)
            return clients.enter_context(client)

        yield connected


@pytest.fixture
def client(sim: Simulator, connect: Connect) -> RestApiV2Client:
    return connect(sim.keys.full)


def test_it_lists_reads_and_updates_incidents(sim: Simulator, client: RestApiV2Client) -> None:
    for number in range(130):
        sim.people.open(f"Incident {number}", "Ana Lima")
    listed = client.list_all("incidents", params={"statuses[]": ["triggered"]})
    assert len({it["id"] for it in listed}) == 130
    incident = client.rget(f"/incidents/{listed[0]['id']}")
    assert incident["title"] == "Incident 0"
    part = {"type": "incident_reference", "status": "resolved", "resolution": "Rolled back"}
    updated = client.rput(f"/incidents/{incident['id']}", json={"incident": part})
    assert updated["status"] == "resolved"
    assert sim.account.incidents[incident["id"]].log[-1].note == "Rolled back"


def test_it_writes_and_reads_notes(sim: Simulator, client: RestApiV2Client) -> None:
    incident = sim.people.open("Checkout is slow", "Ana Lima")
    note = client.rpost(f"/incidents/{incident.id}/notes", json={"note": {"content": "Looking"}})
    assert client.rget(f"/incidents/{incident.id}/notes") == [note]


def test_it_finds_out_what_kind_of_key_it_has(sim: Simulator, connect: Connect) -> None:
    account = connect(sim.keys.full)
    assert account.api_key_access == "account"
    assert account.subdomain == "simulated"
    assert connect(sim.keys.user).api_key_access == "user"


def test_it_waits_out_a_rate_limit(sim: Simulator, client: RestApiV2Client) -> None:
    sim.faults.lay(Fault(status=429, retry_after_s=1))
    assert "abilities" in client.get("/abilities").json()
    assert [r.status for r in sim.journal.requests] == [429, 200]
