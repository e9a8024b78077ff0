"""Accounts: connected and disconnected once, counted, probed by one worker at a time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Side
from syncd.core.lifecycle import IntegrationState
from syncd.store import integrations
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration
from syncd.store.tables_of_accounts import integrations as table
from tests.store.ledger import NOON, an_account, later


def account(tx: Tx, slug: str = "pagerduty") -> Integration:
    found = integrations.get(tx, slug)
    assert found is not None
    return found


def test_an_account_comes_back_as_it_was_added(db: Database) -> None:
    with db.write() as tx:
        integrations.add(
            tx,
            slug="pd",
            system="pagerduty",
            side=Side.INCIDENT,
            base_url="https://x",
            settings={"from": "a@b"},
            sealed=b"\0\1",
            now=NOON,
        )
        assert integrations.get(tx, "nobody") is None
        assert integrations.all_of(tx) == {"pd": account(tx, "pd")}
        found = account(tx, "pd")
    assert (found.side, found.settings, found.sealed) == (Side.INCIDENT, {"from": "a@b"}, b"\0\1")
    assert (found.state, found.since, found.failures, found.probe_at) == (IntegrationState.CONNECTED, NOON, 0, None)


def _disconnect(tx: Tx) -> bool:
    return integrations.disconnect(tx, "pagerduty", code="PAG", reason="why", now=later(1), probe_at=later(61))


def test_of_two_that_disconnect_one_does(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        assert _disconnect(tx)
        assert not _disconnect(tx)
        found = account(tx)
        assert (found.state, found.code, found.reason) == (IntegrationState.DISCONNECTED, "PAG", "why")
        assert (found.since, found.probe_at) == (later(1), later(61))
        integrations.connect(tx, "pagerduty", later(70))
        found = account(tx)
    assert (found.state, found.code, found.reason, found.probe_at) == (IntegrationState.CONNECTED, "", "", None)


def test_a_probe_is_due_from_the_third_failure_in_a_row(db: Database) -> None:
    def fail(tx: Tx, count: int, at: float) -> None:
        integrations.count_failures(tx, "pagerduty", count, probe_from=3, probe_at=later(at))

    with db.write() as tx:
        an_account(tx)
        fail(tx, 2, 10)
        assert (account(tx).failures, account(tx).probe_at) == (2, None)
        fail(tx, 1, 20)
        assert (account(tx).failures, account(tx).probe_at) == (3, later(20))
        fail(tx, 5, 30)
        assert (account(tx).failures, account(tx).probe_at) == (8, later(20))  # Nobody puts it off by failing.
        integrations.forget_failures(tx, "pagerduty")
        assert (account(tx).failures, account(tx).probe_at) == (0, None)


def test_an_answer_that_was_under_way_does_not_end_the_probing_of_a_disconnected_account(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        _disconnect(tx)
        integrations.forget_failures(tx, "pagerduty")
        assert account(tx).probe_at == later(61)


def test_a_probe_is_taken_when_it_is_due_and_once(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        assert integrations.take_probe(tx, later(1), later(11)) is None
        integrations.probe_later(tx, "pagerduty", later(5))
        assert integrations.take_probe(tx, later(4), later(14)) is None
        taken = integrations.take_probe(tx, later(5), later(15))
        assert taken is not None
        assert taken.slug == "pagerduty"
        assert integrations.take_probe(tx, later(14), later(24)) is None
        assert integrations.take_probe(tx, later(15), later(25)) is not None


def test_a_probe_that_another_worker_is_taking_is_left_to_it(db: Database) -> None:
    if db.is_sqlite:
        pytest.skip("A writing transaction of SQLite is alone.")
    with db.write() as tx:
        an_account(tx)
        integrations.probe_later(tx, "pagerduty", NOON)
    with db.write() as one, db.write() as other:
        assert integrations.take_probe(one, NOON, later(10)) is not None
        assert integrations.take_probe(other, NOON, later(10)) is None


def test_secrets_of_hooks_are_kept_side_by_side(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        integrations.add_hook_secret(tx, "pagerduty", b"one", "", NOON)
        integrations.add_hook_secret(tx, "pagerduty", b"two", "SUB", NOON)
        assert integrations.hook_secrets_of(tx, "pagerduty") == [b"one", b"two"]
        assert integrations.hook_secrets_of(tx, "other") == []
        integrations.reseal(tx, "pagerduty", b"sealed", {"a": "b"})
        assert sorted(integrations.sealed_values(tx)) == [b"one", b"sealed", b"two"]


@pytest.mark.parametrize("wrong", [{"side": "both"}, {"state": "away"}], ids=["side", "state"])
def test_illegal_accounts_are_refused(db: Database, wrong: dict[str, Any]) -> None:
    with db.write() as tx:
        an_account(tx)
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(update(table).values(**wrong))
