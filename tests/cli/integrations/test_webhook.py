"""The webhook of an account: its secret pasted, or made and replaced by PagerDuty."""

from __future__ import annotations

import pytest

from syncd.simulator import Simulator
from syncd.store import hook_secrets, integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd


def test_a_webhook_by_a_pasted_secret(
    syncd: Syncd, store: Database, acme: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "cut-off-secret")
    refused = syncd("integrations", "webhook", "acme")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "shorter than 16 characters" in refused.err
    assert "cut-off-secret" not in refused.err
    monkeypatch.setenv(SECRET, "pasted-webhook-secret")
    ended = syncd("integrations", "webhook", "acme")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "acme: the secret is sealed; hooks signed with it are taken at /hooks/acme.\n"
    with store.read() as tx:
        (sealed,) = integrations.hook_secrets_of(tx, "acme")
    assert b"pasted-webhook-secret" not in sealed


def test_a_webhook_made_by_pagerduty(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = syncd("integrations", "webhook", "acme", "--create")
    assert (missing.code, pagerduty.account.subscriptions) == (2, {})
    assert "set SYNCD_PUBLIC_URL" in missing.err
    pagerduty.carriage.hold = True
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test/")
    made = syncd("integrations", "webhook", "acme", "--create", "--service", "Checkout")
    (subscription,) = pagerduty.account.subscriptions.values()
    assert made.out == f"PagerDuty made subscription {subscription.id}; its secret is sealed.\n"
    assert subscription.url == "https://syncd.test/hooks/acme"
    assert subscription.secrets[0] not in made.out + made.err
    assert syncd("integrations", "webhook", "acme", "--create", "--secret-file", "x").code == 2
    again = syncd("integrations", "webhook", "acme", "--create")
    assert (again.code, "`syncd integrations webhook acme --rotate` replaces it" in again.err) == (2, True)


def test_a_webhook_is_replaced_once_its_successor_has_proved_itself(
    syncd: Syncd, store: Database, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    none = syncd("integrations", "webhook", "acme", "--rotate")
    assert none.code == 2
    assert none.err.endswith("have one made: `syncd integrations webhook acme --create`.\n")
    pagerduty.carriage.hold = True
    syncd("integrations", "webhook", "acme", "--create")
    (old,) = pagerduty.account.subscriptions

    def receive(_: float) -> None:
        with store.write() as tx:
            hook_secrets.prove(tx, [one.id for one in hook_secrets.ours(tx, "acme") if one.replaces], store.now(tx))

    monkeypatch.setattr("time.sleep", receive)
    ended = syncd("integrations", "webhook", "acme", "--rotate")
    (new,) = pagerduty.account.subscriptions.values()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"acme: subscription {new.id} has proved its secret, and {old} was deleted.\n"
    assert new.secrets[0] not in ended.out
    for wrong in ("--create", "--service=Checkout", "--secret-file=x"):
        refused = syncd("integrations", "webhook", "acme", "--rotate", wrong)
        assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)


def test_a_subscription_whose_secret_a_backup_has_lost_is_taken_over(
    syncd: Syncd, store: Database, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    pagerduty.carriage.hold = True
    syncd("integrations", "webhook", "acme", "--create")
    (lost,) = pagerduty.account.subscriptions
    with store.write() as tx:
        hook_secrets.forget(tx, "acme", lost)

    def receive(_: float) -> None:
        with store.write() as tx:
            hook_secrets.prove(tx, [one.id for one in hook_secrets.ours(tx, "acme") if one.replaces], store.now(tx))

    monkeypatch.setattr("time.sleep", receive)
    ended = syncd("integrations", "webhook", "acme", "--create")
    (new,) = pagerduty.account.subscriptions
    assert (ended.code, ended.out) == (0, f"acme: subscription {new} has proved its secret, and {lost} was deleted.\n")
