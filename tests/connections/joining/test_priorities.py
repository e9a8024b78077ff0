"""Priorities as people write them: by the names that the connector, or else the account, knows."""

from __future__ import annotations

import pytest

from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.priorities import known, there, written
from syncd.connections.joining.service_key import add_service_key
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict, Misconfigured, NotFound, Unavailable
from syncd.simulator import KEYS, Fault, Simulator
from syncd.store.connectors import Connector

from .test_connectors import call_priorities


@pytest.fixture
def checkout(setup: Setup, acme: None, pagerduty: Simulator) -> Connector:
    call_priorities(pagerduty, "Top", "High", "High", "Low", "---")
    wanted = ("P1=Top", "P5=Low")
    return add_connector(
        setup, "checkout", integration="acme", service="Checkout", case_system="cases", priorities=wanted
    ).connector


def _pairs(setup: Setup, connector: Connector, *wanted: str) -> list[tuple[str, str, str]]:
    return [(one.case, one.incident, one.name) for one in written(setup, connector, wanted)]


def test_what_the_connector_knows_is_asked_of_nobody(setup: Setup, checkout: Connector, pagerduty: Simulator) -> None:
    pagerduty.faults.lay(Fault(status=500, path="/priorities", count=0))
    assert _pairs(setup, checkout, " P1 = Low ", "P5=PRIO000") == [("P1", "PRIO003", "Low"), ("P5", "PRIO000", "Top")]
    assert _pairs(setup, checkout) == []
    with pytest.raises(Unavailable):
        written(setup, checkout, ["P2=PRIO001"])


def test_what_it_does_not_know_is_asked_of_pagerduty(setup: Setup, checkout: Connector) -> None:
    assert _pairs(setup, checkout, "P2=PRIO001") == [("P2", "PRIO001", "High")]
    assert [one.name for one in there(setup, checkout)] == ["Top", "High", "High", "Low"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("P1", "'P1' is no pair of priorities; write P1=NAME"),
        ("=Top", "'=Top' is no pair"),
        ("P1=High", "P1=High names no priority that acme has, or several; it has Top, High, High, Low"),
        ("P1=Odd", "P1=Odd names no priority"),
        ("P9=Top", "cases has no priority P9; it has P1, P2, P3, P4, P5"),
    ],
)
def test_what_is_no_pair_is_refused(setup: Setup, checkout: Connector, wanted: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        written(setup, checkout, ["P5=Low", wanted])


def test_a_service_key_has_severities(setup: Setup, pagerduty: Simulator, acme: None) -> None:
    made = add_service_key(
        setup,
        "payments",
        key=KEYS.payments,
        service_name="Payments",
        case_system="cases",
        where=pagerduty.account.api_url,
    )
    assert _pairs(setup, made.connector, "P1=info") == [("P1", "info", "info")]
    with pytest.raises(Misconfigured, match="it has critical, error, warning, info"):
        written(setup, made.connector, ["P1=Top"])


def test_where_there_is_nothing_to_map_that_is_told(setup: Setup, checkout: Connector, pagerduty: Simulator) -> None:
    pagerduty.switches.has_priorities = False
    with pytest.raises(Conflict, match="priorities"):
        there(setup, checkout)
    with pytest.raises(NotFound, match="There is no connector called till"):
        known(setup, "till")
