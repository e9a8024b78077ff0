"""Who has one connector and makes another finds every case where it went before, by a rule that is told, listed and can be removed."""

from __future__ import annotations

import pytest

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.service_key import add_service_key
from syncd.connections.joining.setup import Setup
from syncd.connections.joining.staying import sentence
from syncd.core.changes import NOBODY, CaseOpened
from syncd.core.query.reading import read
from syncd.core.reasons import Reason
from syncd.core.routing import Rule
from syncd.flow.chart import Chart
from syncd.flow.orders.routing import remove_rule
from syncd.simulator import KEYS, Simulator
from syncd.store import routes
from syncd.store.audit.pages import page

CASE = CaseOpened("Checkout is slow", by=NOBODY)


def goes_to(setup: Setup, case: CaseOpened = CASE) -> str:
    with setup.db.read() as tx:
        found = Chart.read(tx).route(BUILTIN, case)
    return found if isinstance(found, Reason) else found.connector.name


def rules(setup: Setup) -> list[Rule]:
    with setup.db.read() as tx:
        return list(routes.all_of(tx))


def add(setup: Setup, name: str) -> Rule | None:
    return add_connector(setup, name, integration="acme", service="Checkout", case_system=BUILTIN, by="Ana").stayed


@pytest.mark.usefixtures("acme")
def test_a_service_key_goes_on_as_before_when_a_bidirectional_connector_comes(
    setup: Setup, pagerduty: Simulator
) -> None:
    add_service_key(
        setup, "k", key=KEYS.payments, service_name="Payments", case_system=BUILTIN, where=pagerduty.account.api_url
    )
    assert (goes_to(setup), rules(setup)) == ("k", [])
    rule = add(setup, "checkout")
    assert rule == Rule("everything-else", "k")
    assert (goes_to(setup), rules(setup)) == ("k", [rule])
    assert "Cases that name no connector go on to k, by the rule everything-else" in sentence(rule)
    with setup.db.read() as tx:
        (row,) = page(tx, read("change:rules"), setup.db.now(tx), limit=9).rows
    assert (row["reason"], row["actor"]) == ("rules_changed", "Ana")
    assert "Rule everything-else was added." in row["detail"]
    # A third one changes nothing at all, and somebody may do without the rule.
    assert add(setup, "more") is None
    assert rules(setup) == [rule]
    remove_rule(setup.db, "everything-else", by="Ana")
    assert goes_to(setup) == Reason.NO_CONNECTOR


@pytest.mark.usefixtures("acme")
def test_the_first_connector_needs_no_rule_and_rules_that_are_there_are_left_alone(setup: Setup) -> None:
    assert add(setup, "checkout") is None
    mine = Rule("everything-else", "checkout", wants={})
    with setup.db.write() as tx:
        routes.replace(tx, [mine])
    assert add(setup, "more") is None
    assert rules(setup) == [mine]
