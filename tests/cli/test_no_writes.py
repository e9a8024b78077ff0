"""A database that takes no writes: status, doctor and why name that first, and send nobody to start parts or to bring keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.connections.vault import generate_key
from syncd.core.link import Link, LinkState
from syncd.flow.status.parts import SILENT_AFTER, UNKNOWN
from syncd.store import heartbeats, links
from syncd.store.database import Database
from tests.parts.database import migrate
from tests.parts.postgres import Postgres

from .conftest import Syncd

_MEANWHILE = "Meanwhile hooks are answered 503 and sent again by PagerDuty, and nothing has to be started anew."


def _fill(db: Database) -> None:
    """CS-1 and its incident Q1; a receiver that has fallen silent, and a worker that was stopped in order."""
    with db.write() as tx:
        now = db.now(tx)
        made = Link("", "cases", "CS-1", "acme", state=LinkState.OPENING)
        stored = links.create(tx, made, key="syncd:CS-1", title="t", body="b", shard=1, now=now)
        links.save(tx, stored, replace(stored.link, incident_id="Q1", state=LinkState.OPEN), opened_at=now)
        for part in ("receiver", "console", "worker", "beat"):
            heartbeats.beat(tx, part, part, now - SILENT_AFTER - timedelta(seconds=1))
        heartbeats.end(tx, "worker", now)


@pytest.fixture
def read_only(
    syncd: Syncd, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Syncd]:
    url = postgres.create(migrate)
    db = Database(url, Clock())
    _fill(db)
    db.close()
    monkeypatch.setenv("SYNCD_DATABASE_URL", url)
    monkeypatch.setenv("SYNCD_MASTER_KEYS", generate_key())
    name = url.partition("@/")[2].partition("?")[0]
    postgres.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    capsys.readouterr()  # What is logged while a database is made.
    yield syncd
    postgres.drop(url)


@pytest.fixture
def held(syncd: Syncd, store: Database) -> Iterator[Syncd]:
    """Another program writes, and does not come to its end."""
    _fill(store)
    with closing(sqlite3.connect(str(store.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield syncd


def test_status_names_it_first_and_starts_nothing(read_only: Syncd) -> None:
    ended = read_only("status", "-o", "json")
    first, *others = ended.json["findings"]
    assert ended.code == 1
    assert first["what"].startswith("The database takes no writes: it is read-only")
    assert first["what"].endswith(f". {_MEANWHILE}")
    assert first["remedy"].startswith("Make it writable")
    assert first["remedy"].endswith(" (`syncd explain SYN-DATABASE-READONLY`)")
    told = {one["what"].split()[1]: one["remedy"] for one in others}
    assert (told["receiver"], told["console"], told["beat"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert told["worker"] == "Start one: `syncd worker`, or `syncd up`.", "it was stopped"


def test_doctor_names_it_first_and_asks_for_no_key(read_only: Syncd) -> None:
    ended = read_only("doctor", "-o", "json")
    lines = {one["check"]: one for one in ended.json}
    assert ended.code == 1
    assert [one["check"] for one in ended.json][:2] == ["config", "database"]
    assert (lines["database"]["mark"], lines["database"]["code"]) == ("FAIL", "SYN-DATABASE-READONLY")
    assert _MEANWHILE in lines["database"]["finding"]
    assert (lines["worker"]["mark"], lines["beat"]["mark"], lines["beat"]["code"]) == ("FAIL", "warn", "")
    assert (lines["accounts"]["state"], lines["secrets"]["mark"]) == ("unknown", "ok")
    of_one = read_only("doctor", "acme", "-o", "json").json
    assert [(one["check"], one["code"]) for one in of_one] == [("database", "SYN-DATABASE-READONLY"), ("accounts", "")]


def test_why_names_it_before_every_other_gate(read_only: Syncd) -> None:
    ended = read_only("why", "CS-1", "-o", "json")
    assert (ended.code, ended.json["gate"], ended.json["gate_name"]) == (1, 0, "stored")
    assert (ended.json["code"], ended.json["who"]) == ("SYN-DATABASE-READONLY", "you")
    assert ended.json["says"].startswith("The database takes no writes")


def test_a_command_that_writes_says_one_line(read_only: Syncd) -> None:
    ended = read_only("cases", "open", "nobody's business")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (3, "", 1)
    assert "takes no writes" in ended.err
    assert "nobody's business" not in ended.err


def test_one_that_another_holds_is_named_by_all_three(held: Syncd, home: Path) -> None:
    status, why, doctor = held("status", "-o", "json"), held("why", "CS-1", "-o", "json"), held("doctor", "-o", "json")
    assert status.json["findings"][0]["what"].startswith(
        "Another process has been writing to the database for too long"
    )
    assert why.json["code"] == "SYN-DATABASE-LOCKED"
    assert [one["code"] for one in doctor.json if one["check"] == "database"] == ["SYN-DATABASE-LOCKED"]
    assert "server" not in status.out


def test_whoever_may_only_read_may_ask(syncd: Syncd, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing of what the daemon's own role may do."""
    url = postgres.create(migrate)
    name = url.partition("@/")[2].partition("?")[0]
    postgres.run("CREATE ROLE looker LOGIN")
    postgres.run(f'ALTER DATABASE "{name}" SET role = looker')
    db = Database(url, Clock())
    with db.engine.begin() as tx:
        tx.exec_driver_sql("SET ROLE postgres")
        tx.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
    db.close()
    monkeypatch.setenv("SYNCD_DATABASE_URL", url)
    ended = syncd("status", "-o", "json")
    postgres.drop(url)
    postgres.run("DROP ROLE looker")
    assert ended.code == 1
    assert not any("database" in one["what"] for one in ended.json["findings"])
