"""`syncd alerts send`: here and by a daemon elsewhere, once for each idempotency key, to service keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from syncd.clock import Clock
from syncd.core.changes import Side
from syncd.simulator import KEYS, Simulator
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.tables import arrivals
from tests.cli.conftest import SECRET, Ended, Syncd

DISK = ("--summary", "Disk full", "--severity", "critical", "--dedup-key", "disk-1", "--link", "Board=https://b.test")


@pytest.fixture
def payments(syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, KEYS.payments)
    where = ("--where", pagerduty.account.api_url)
    words = ("connectors", "add", "payments", "--path", "service_key", "--service-name", "Payments", *where)
    assert syncd(*words).code == 0


def send(syncd: Syncd, *words: str, to: str = "payments") -> Ended:
    return syncd("alerts", "send", to, *words)


def kept(db: Database) -> list[str]:
    with db.read() as tx:
        return list(tx.scalars(select(arrivals.c.record).where(arrivals.c.source == "alerts")))


def test_an_alert_is_written_down_and_its_rows_are_named(syncd: Syncd, store: Database, payments: None) -> None:
    sent = send(syncd, *DISK)
    assert sent.code == 0
    (row,) = sent.json
    assert (row["dedup_key"], row["record"], row["is_new"]) == ("disk-1", "payments/disk-1", True)
    assert "syncd deliveries list --case payments/disk-1" in sent.err
    assert kept(store) == ["payments/disk-1"]


def test_said_twice_under_one_key_it_is_one_alert(syncd: Syncd, store: Database, payments: None) -> None:
    first = send(syncd, *DISK, "--idempotency-key", "k")
    again = send(syncd, *DISK, "--idempotency-key", "k")
    assert (first.json[0]["is_new"], again.json[0]["is_new"]) == (True, False)
    assert kept(store) == ["payments/disk-1"]
    other = send(syncd, "--summary", "Other", "--idempotency-key", "k")
    assert (other.code, "used for another alert" in other.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "needs a summary"),
        (("--action", "resolve"), "dedup key is needed"),
        (("--summary", "x", "--severity", "awful"), "severity"),
        (("--summary", "x", "--link", "https://b.test"), "write TEXT=URL"),
        (("--summary", "x", "--link", "a=javascript:1"), "begins with https"),
    ],
)
def test_what_cannot_be_sent_is_refused(syncd: Syncd, payments: None, words: tuple[str, ...], says: str) -> None:
    refused = send(syncd, *words)
    assert (refused.code, refused.out) == (2, "")
    assert says in refused.err


def test_a_bidirectional_connector_takes_no_alerts(syncd: Syncd, acme: None) -> None:
    assert syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout").code == 0
    refused = send(syncd, *DISK, to="checkout")
    assert (refused.code, "takes cases only" in refused.err) == (2, True)
    assert send(syncd, *DISK, to="nobody").code == 4


@pytest.fixture
def far(home: Path, elsewhere: str) -> Iterator[Database]:
    """The daemon elsewhere has such a connector."""
    opened = Database(f"sqlite:///{home}/elsewhere/syncd.db", Clock())
    with opened.write() as tx:
        now = opened.now(tx)
        for slug, system, side in (("cases", "cases", "case"), ("payments", integrations.EVENTS, "incident")):
            integrations.add(
                tx,
                slug=slug,
                system=system,
                side=Side(side),
                base_url="",
                settings={},
                sealed=None,
                now=now,
            )
        connector = Connector("payments", "payments", "cases", "service_key", "", "Payments", [], {})
        connectors.add(tx, connector, now)
    yield opened
    opened.close()


def test_a_daemon_elsewhere_is_asked_the_same(syncd: Syncd, elsewhere: str, far: Database) -> None:
    words = (*DISK, "--idempotency-key", "k", "--server", elsewhere)
    assert [send(syncd, *words).json[0]["is_new"] for _ in range(2)] == [True, False]
    assert kept(far) == ["payments/disk-1"]
    assert "severity" in send(syncd, "--summary", "x", "--severity", "awful", "--server", elsewhere).err
    refused = send(syncd, "--summary", "Other", "--idempotency-key", "k", "--server", elsewhere)
    assert (refused.code, "used for another alert" in refused.err) == (2, True)
    unclear = send(syncd, "--server", elsewhere)
    assert (unclear.code, "needs a summary" in unclear.err) == (2, True)
