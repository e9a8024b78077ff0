"""`syncd connectors remove`: what uses it holds it, and a service key takes its account along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.link import Link, LinkState
from syncd.simulator import KEYS, Simulator
from syncd.store import connectors, integrations, links
from syncd.store.database import Database
from tests.cli.conftest import NOON, SECRET, Syncd


@pytest.fixture
def checkout(syncd: Syncd, acme: None) -> None:
    assert syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout").code == 0


def link(store: Database, connector: str, integration: str) -> None:
    with store.write() as tx:
        made = Link("", "cases", "CS-7", integration, connector=connector, state=LinkState.OPENING)
        stored = links.create(tx, made, key="syncd:CS-7", title="t", body="b", shard=1, now=NOON)
        links.save(tx, stored, replace(stored.link, incident_id="Q1", state=LinkState.OPEN), opened_at=NOON)


@pytest.mark.usefixtures("checkout")
def test_one_that_nothing_uses_goes_at_once(syncd: Syncd, store: Database) -> None:
    ended = syncd("connectors", "remove", "checkout", "--by", "Ana")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "checkout was removed. 0 links ended. What stays: its cases and incidents as they are, and the rows of its deliveries. "
        "Cases of cases that name no connector open no incident then.\n"
    )
    assert syncd("connectors", "list").json == []
    assert syncd("connectors", "remove", "checkout").code == 4
    newest = syncd("integrations", "log", "acme").json[0]
    assert (newest["by"], newest["detail"]) == ("Ana", "Connector checkout was removed. 0 links ended.")
    with store.read() as tx:
        assert integrations.get(tx, "acme") is not None


@pytest.mark.usefixtures("checkout")
def test_live_links_hold_it_until_they_are_to_end(syncd: Syncd, store: Database) -> None:
    link(store, "checkout", "acme")
    refused = syncd("connectors", "remove", "checkout")
    assert refused.code == 2
    assert refused.err == (
        "syncd: Connector checkout is used by 1 live link (CS-7); end them with it by --end-links, or remove it when they are "
        "over.\n"
    )
    shown = syncd("connectors", "remove", "checkout", "--end-links")
    assert (shown.code, shown.out) == (0, "")
    assert shown.err.startswith("With checkout go: 1 live link (CS-7); 0 changes that wait.")
    assert shown.err.endswith("Nothing was removed. Add --end-links and --yes to do it.\n")
    assert [row["state"] for row in syncd("links", "list", "--case", "CS-7").json] == ["open"]
    told = syncd("connectors", "remove", "checkout", "--end-links", "--yes", "-o", "json").json
    assert (told["name"], "1 link ended." in told["says"]) == ("checkout", True)
    (row,) = syncd("links", "list", "--case", "CS-7").json
    assert (row["state"], row["connector"]) == ("ended", "checkout")
    assert row["reason"].endswith("Its incident was Q1.")


def test_a_service_key_goes_with_its_connector(
    syncd: Syncd, store: Database, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, KEYS.payments)
    adding = ("connectors", "add", "payments", "--path", "service_key", "--service-name", "Payments", "--where")
    assert syncd(*adding, pagerduty.account.api_url).code == 0
    link(store, "payments", "payments")
    assert syncd("tokens", "create", "ci", "--role", "operator", "--integration", "payments").code == 0
    assert syncd("connectors", "remove", "payments").code == 2
    assert syncd("connectors", "remove", "payments", "--end-links", "--yes", "--by", "Ana").code == 0
    with store.read() as tx:
        assert connectors.all_of(tx) == {}
        assert integrations.get(tx, "payments") is None
    newest = syncd("integrations", "log", "payments").json[0]
    assert (newest["kind"], newest["by"], newest["detail"]) == (
        "removed",
        "Ana",
        "1 link ended. Revoked: 1 token for it alone (ci).",
    )
    assert syncd(*adding, pagerduty.account.api_url).code == 0, "its name is free again"
