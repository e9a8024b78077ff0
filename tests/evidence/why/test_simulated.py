"""Some services do not appear: what a key of some teams reads of the large simulated account, and what is said of the rest."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from syncd.core.judging import Heard
from syncd.core.why.proving import Proving
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Dataset, Name
from syncd.evidence.facts.reading import Json, read_all
from syncd.evidence.facts.services import Service, service_of
from syncd.evidence.facts.sight import hidden
from syncd.evidence.rules.values import Rules
from syncd.evidence.why import services
from syncd.evidence.why.known import Account, Known
from syncd.simulator import Simulator
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.sight import sight
from syncd.systems.trip import Trip
from tests.simulator import conftest as simulated
from tests.simulator.estate import NOW, made


@pytest.fixture(scope="module")
def estate() -> Iterator[Simulator]:
    with made() as one:
        yield one


def listed(rest: httpx.Client) -> list[Json]:
    rows: list[Json] = []
    while True:
        said = rest.get("/services", params={"limit": 100, "offset": len(rows), "include[]": "integrations"}).json()
        rows += said["services"]
        if not said["more"]:
            return rows


def known(estate: Simulator, key: str) -> Known:
    """As it is collected by this key, and by what its visibility check says."""
    found = sight(client.http(key, "", transport=estate.transport()), Trip.begin("sight", estate.world.clock.monotonic))
    lack = hidden(Heard.ANSWERED if found.is_whole else Heard.PARTIAL)
    with simulated.client(estate, key, email=None) as rest:
        rows, missing = read_all(listed(rest), service_of)
    assert missing == ()
    services_read = Dataset[Service](Name.SERVICES, rows, NOW, missing=() if lack is None else (lack,))
    return Known(Account("acme"), Facts(services=services_read), Rules(), NOW)


@pytest.mark.parametrize("name", ["full", "read_only", "admin"])
def test_a_key_that_sees_everything_finds_every_service(estate: Simulator, name: str) -> None:
    all_of_it = known(estate, getattr(estate.keys, name))
    assert {one.id for one in all_of_it.facts.services.rows} == set(estate.account.services)
    for one in list(estate.account.services.values())[:20]:
        (proof,) = services.about(all_of_it, one.id)
        assert proof.is_found
    (nowhere,) = services.about(all_of_it, "PNOWHERE")
    assert nowhere.verdict.gate is Proving.KNOWN


@pytest.mark.parametrize("name", ["team", "bound"])
def test_of_what_a_key_of_some_teams_does_not_see_the_cause_is_named(estate: Simulator, name: str) -> None:
    some = known(estate, getattr(estate.keys, name))
    seen = {one.id for one in some.facts.services.rows}
    unseen = set(estate.account.services) - seen
    assert seen
    assert unseen
    for one in unseen:
        (proof,) = services.about(some, one)
        assert (proof.verdict.gate, proof.verdict.code) == (Proving.VISIBLE, "SYN-PAG-SIGHT"), one
    assert all(services.about(some, one)[0].is_found for one in seen)
