"""PagerDuty's own Python client pages through all of a large made account, as its collectors will have to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from ssl import create_default_context

import pytest

from syncd.clock import Clock
from syncd.simulator import Simulator, made_simulator, serve
from tests.parts.require import unavailable

try:
    from pagerduty import RestApiV2Client
except ImportError:
    RestApiV2Client = None  # type: ignore[assignment,misc]  # the fixture then says what is missing


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """In full size, and in real time: this client waits by itself."""
    with made_simulator(clock=Clock()) as made:
        made.switches.requests_per_minute = 100_000
        yield made


@pytest.fixture(scope="module")
def official(sim: Simulator, certificate: tuple[Path, Path]) -> Iterator[RestApiV2Client]:
    if RestApiV2Client is None:
        unavailable("client", "the official client (PyPI: pagerduty) is not installed; the develop lock holds it")
    public, private = certificate
    trusting = create_default_context(cafile=str(public))
    with (
        serve(sim.app, certificate=public, key=private) as base,
        RestApiV2Client(sim.keys.read_only, base_url=base, verify=trusting) as client,
    ):
        yield client


@pytest.mark.parametrize("name", ["services", "users", "teams", "schedules", "escalation_policies"])
def test_it_lists_all_of_them(sim: Simulator, official: RestApiV2Client, name: str) -> None:
    found = official.list_all(name, params={"total": True})
    assert sim.manifest is not None
    assert len({it["id"] for it in found}) == len(found) == sim.manifest.counts[name]


def test_it_lists_more_incidents_than_one_window_may_hold(sim: Simulator, official: RestApiV2Client) -> None:
    assert sim.manifest is not None
    made = sim.manifest.made_at
    found = official.iter_history(
        "log_entries", made - timedelta(hours=6), made - timedelta(hours=5), params={"is_overview": True}
    )
    between = [e for it in sim.account.incidents.values() for e in it.log if made - timedelta(hours=6) <= e.created_at]
    assert 0 < len({it["id"] for it in found}) <= len(between)
    halves = [(made - timedelta(hours=hours), made - timedelta(hours=hours - 12)) for hours in (30, 18)]
    ids = set()
    for since, until in halves:
        window = {"since": since.isoformat(), "until": (until - timedelta(seconds=1)).isoformat()}
        ids |= {it["id"] for it in official.iter_all("incidents", params=window)}
    assert len(ids) == sim.manifest.counts["incidents_of_the_day"] == 12_500


def test_it_reads_the_trail_by_cursor_and_who_is_on_call(sim: Simulator, official: RestApiV2Client) -> None:
    assert sim.manifest is not None
    since = sim.manifest.made_at - timedelta(days=30)
    window = {"since": since.isoformat(), "until": (since + timedelta(days=30)).isoformat()}
    found = list(official.iter_cursor("/audit/records", params=window))
    assert len({it["id"] for it in found}) == len(found) == sum(it.at >= since for it in sim.account.audit)
    on_call = official.list_all("oncalls", params={"since": since.isoformat(), "until": window["until"]})
    assert {it["escalation_policy"]["id"] for it in on_call} <= set(sim.account.policies)
    assert len(on_call) > 100


def test_it_reads_log_entries_and_members(sim: Simulator, official: RestApiV2Client) -> None:
    incident = next(it for it in sim.account.incidents.values() if len(it.log) > 7)
    found = official.list_all(f"/incidents/{incident.id}/log_entries")
    assert [it["id"] for it in found] == [entry.id for entry in reversed(incident.log)]
    team = next(iter(sim.account.teams.values()))
    assert len(official.list_all(f"/teams/{team.id}/members")) == len(team.members)
