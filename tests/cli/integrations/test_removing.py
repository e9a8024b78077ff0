"""An account is removed: what goes with it is said first, and what stays afterwards."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from syncd.core.link import Link, LinkState
from syncd.simulator import KEYS, Fault, Simulator
from syncd.store import connectors, hook_secrets, integrations, links
from syncd.store.database import Database
from tests.cli.conftest import NOON, SECRET, Syncd

PUBLIC = "https://syncd.test"


@pytest.fixture
def joined(syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch, store: Database) -> str:
    """With a webhook, a connector, a link and a change that waits; the id of its subscription."""
    monkeypatch.setenv("SYNCD_PUBLIC_URL", PUBLIC)
    pagerduty.carriage.hold = True
    assert syncd("integrations", "webhook", "acme", "--create").code == 0
    assert syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout").code == 0
    with store.write() as tx:
        made = Link("", "cases", "CS-7", "acme", connector="checkout", state=LinkState.OPENING)
        stored = links.create(tx, made, key="syncd:CS-7", title="t", body="b", shard=1, now=NOON)
        links.save(tx, stored, replace(stored.link, incident_id="Q1", state=LinkState.OPEN), opened_at=NOON)
        (ours,) = hook_secrets.ours(tx, "acme")
    return ours.subscription


def test_what_goes_is_shown_first_and_nothing_is_done(
    syncd: Syncd, joined: str, store: Database, pagerduty: Simulator
) -> None:
    ended = syncd("integrations", "remove", "acme")
    assert ended.code == 0
    assert ended.out.startswith(
        f"With acme go: checkout; 1 link (CS-7); 0 changes that wait; subscription {joined} at PagerDuty. What stays: "
    )
    assert ended.err == "Nothing was removed. Add --yes to do it.\n"
    with store.read() as tx:
        assert integrations.get(tx, "acme") is not None
    assert joined in pagerduty.account.subscriptions


def test_it_is_removed_with_its_connectors_and_its_subscription(
    syncd: Syncd, joined: str, store: Database, pagerduty: Simulator
) -> None:
    ended = syncd("integrations", "remove", "acme", "--yes", "--by", "Ana")
    assert ended.code == 0
    assert ended.out.startswith(
        f"acme was removed. 1 link ended. Subscription {joined} was deleted at PagerDuty. With it went connector checkout. What stays: "
    )
    assert joined not in pagerduty.account.subscriptions
    with store.read() as tx:
        assert integrations.get(tx, "acme") is None
        assert connectors.all_of(tx) == {}
        assert hook_secrets.listing(tx, "acme") == []
        (row,) = links.listing(tx, case="CS-7")
    assert (row["state"], row["reason"]) == ("ended", "Its account acme was removed by Ana. Its incident was Q1.")
    newest = syncd("integrations", "log", "acme").json[0]
    assert (newest["kind"], newest["by"]) == ("removed", "Ana")
    assert syncd("integrations", "remove", "acme", "--yes").code == 4
    assert syncd("status").code in {0, 1}


def test_its_name_and_its_account_are_free_again(
    syncd: Syncd, joined: str, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert syncd("integrations", "remove", "acme", "--yes").code == 0
    monkeypatch.setenv(SECRET, KEYS.full)
    assert syncd(*adding).code == 0


def test_out_of_reach_nothing_is_removed_unless_it_is_forced(
    syncd: Syncd, joined: str, store: Database, pagerduty: Simulator
) -> None:
    pagerduty.faults.lay(Fault(path="/webhook_subscriptions/*", status=503, count=2))
    ended = syncd("integrations", "remove", "acme", "--yes")
    assert ended.code == 3
    assert "nothing was removed; try again, or remove it all the same by --force" in ended.err
    with store.read() as tx:
        assert integrations.get(tx, "acme") is not None
    forced = syncd("integrations", "remove", "acme", "--yes", "--force")
    assert forced.code == 0
    assert f"Subscription {joined} stays at PagerDuty and goes on sending; delete it there." in forced.out
    with store.read() as tx:
        assert integrations.get(tx, "acme") is None


def test_the_built_in_cases_stay(syncd: Syncd) -> None:
    assert "cannot be removed" in syncd("integrations", "remove", "cases", "--yes").err


def test_evidence_is_of_the_account_and_not_of_its_name(
    syncd: Syncd, giving: None, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert syncd("evidence", "collect", "acme", "--dataset", "services").code == 0
    assert syncd("evidence", "accept", "SVC-05", "--until", "2030-12-31", "--why", "legacy").code == 0
    told = syncd("integrations", "remove", "acme").out
    (name,) = re.findall(r"Its evidence stays as (acme/[0-9]+): what was collected, accepted and answered\.", told)
    ended = syncd("integrations", "remove", "acme", "--yes")
    assert f"Its evidence stays as {name}: " in ended.out
    (row,) = syncd("evidence", "accept", "--list").json
    assert row["integration"] == name
    monkeypatch.setenv(SECRET, KEYS.full)
    assert syncd(*adding).code == 0
    (row,) = syncd("evidence", "accept", "--list", "--integration", "acme").json
    assert (row["integration"], row["state"]) == ("acme", "standing")
    assert syncd("evidence", "status", "acme", "-o", "json").json[0]["collected_at"] is not None
