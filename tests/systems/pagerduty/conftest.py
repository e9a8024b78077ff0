"""Our client and our incidents in front of the simulated PagerDuty, without sockets."""

from __future__ import annotations

import pytest

from syncd.simulator import BOT_EMAIL, Simulator
from syncd.systems.http import Http
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents


@pytest.fixture
def http(sim: Simulator) -> Http:
    return client.http(sim.keys.full, BOT_EMAIL, transport=sim.transport())


@pytest.fixture
def our_id(sim: Simulator) -> str:
    return sim.people.who(BOT_EMAIL).id


@pytest.fixture
def ours(http: Http, our_id: str) -> Incidents:
    return Incidents(http, our_id)
