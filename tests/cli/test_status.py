"""`syncd status`: 0 with nothing known to do, 1 with something to do, 2 on a schema that is not ours, 3 when the database is away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from syncd.core.changes import Side
from syncd.flow.status.parts import PARTS
from syncd.store import heartbeats, holds, integrations
from syncd.store.database import Database
from tests.parts.ports import free_port
from tests.store.ledger import a_link, an_account, an_errand

from .conftest import Syncd


def beat(store: Database, *parts: str) -> None:
    with store.write() as tx:
        for part in parts:
            heartbeats.beat(tx, part, "host:1", store.now(tx))


def test_nothing_is_known_to_wait(syncd: Syncd, store: Database) -> None:
    beat(store, *PARTS)
    table = syncd("status", "-o", "table")
    assert (table.code, table.err) == (0, "")
    lines = table.out.splitlines()
    assert lines[0] == "oldest unsynced change   none waits"
    assert lines[-1] == "Nothing is known to wait or to differ."
    assert [line.split()[0] for line in lines if "1 running, last seen 20" in line] == list(PARTS)
    told = syncd("status").json
    assert (told["oldest_unsynced_s"], told["findings"], told["disconnected"]) == (None, [], [])
    assert {part["part"]: part["running"] for part in told["parts"]} == dict.fromkeys(PARTS, 1)
    assert all(datetime.fromisoformat(part["last_seen"]).tzinfo for part in told["parts"])


def test_what_may_differ_though_nothing_waits_is_told_and_nothing_to_do(syncd: Syncd, store: Database) -> None:
    beat(store, *PARTS)
    with store.write() as tx:
        an_account(tx)
        integrations.observe(tx, "pagerduty", by="Ana", at=store.now(tx))
    table = syncd("status", "-o", "table")
    *_, doubt, last = table.out.splitlines()
    assert (table.code, table.err) == (0, "")
    assert doubt == "? pagerduty is only observed, so whatever it has not got from the other side is missing there."
    assert last == "Nothing is known to wait; where both sides may differ all the same stands above (?)."
    assert syncd("status").json["not_known"] == [doubt.removeprefix("? ")]


def test_each_finding_is_a_line_with_its_remedy(syncd: Syncd, store: Database) -> None:
    beat(store, "receiver", "console")
    ended = syncd("status", "-o", "table")
    assert ended.code == 1
    found = [line for line in ended.out.splitlines() if line.startswith("! ")]
    assert found[0] == "! No worker is running. Start one: `syncd worker`, or `syncd up`."
    assert found[1].startswith("! No beat is running. Start one: `syncd beat`")
    assert len(found) == 2
    assert "Nothing" not in ended.out


@pytest.mark.parametrize("output", ["json", "ndjson", "csv"])
def test_programs_get_the_same_and_the_same_exit_code(syncd: Syncd, output: str) -> None:
    ended = syncd("status", "-o", output)
    assert ended.code == 1
    assert "No receiver is running." in ended.out


def test_a_change_that_nobody_takes_is_seen_waiting(syncd: Syncd, store: Database) -> None:
    beat(store, *PARTS)
    assert syncd("cases", "open", "Checkout is slow").code == 0
    told = syncd("status").json
    assert 0 <= told["oldest_unsynced_s"] < 60
    table = syncd("status", "-o", "table")
    assert (table.code, table.out.splitlines()[0].split()[-1]) == (0, "s")
    assert "hooks waiting            1" in table.out.splitlines()
    assert told["hooks_waiting"] == 1


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_hook_that_waits_for_long_says_when_a_worker_was_heard(
    syncd: Syncd, store: Database, is_stopped: bool
) -> None:
    syncd("cases", "open", "Checkout is slow")
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with store.write() as tx:
        tx.execute(text("UPDATE arrivals SET received_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '-20 seconds')"))
    assert "hooks waiting            1, no worker was ever seen\n" in syncd("status", "-o", "table").out
    with store.write() as tx:
        heartbeats.beat(tx, "worker", "host:1", at)
        if is_stopped:
            heartbeats.end(tx, "host:1", at)
    how = "stopped at" if is_stopped else "last seen"
    said = syncd("status", "-o", "table").out
    assert f"hooks waiting            1, a worker was {how} 2026-11-21 12:00:00 UTC\n" in said
    assert f"worker                   0 running, {how} 2026-11-21 12:00:00 UTC\n" in said


def test_what_is_held_is_told_apart_from_what_waits(syncd: Syncd, store: Database) -> None:
    beat(store, *PARTS)
    with store.write() as tx:
        stored = a_link(tx)
        an_errand(tx, stored)
        holds.hold_lane(tx, stored.id, Side.INCIDENT, "disconnected")
    told = syncd("status").json
    assert told["oldest_unsynced_s"] is None
    assert told["oldest_held_s"] > 0
    lines = syncd("status", "-o", "table").out.splitlines()
    assert lines[0] == "oldest unsynced change   none waits"
    assert lines[1].startswith("oldest held change       ")


def test_a_form_of_output_that_is_none_is_refused_before_anybody_is_asked(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", f"postgresql://127.0.0.1:{free_port()}/none")
    assert syncd("status", "-o", "yaml").code == 2


def test_a_database_that_is_away(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", f"postgresql://127.0.0.1:{free_port()}/none")
    ended = syncd("status")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("syncd: The database cannot be used (")
    assert ended.err.count("\n") == 1


def test_a_folder_that_cannot_be_used(syncd: Syncd, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("SYNCD_HOME", str(home / "file" / "below"))
    ended = syncd("status")
    assert (ended.code, ended.out) == (3, "")
    assert "correct SYNCD_HOME" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM alembic_version", "has no schema yet; run `syncd db upgrade`"),
        ("UPDATE alembic_version SET version_num = '9999'", "a newer syncd has upgraded it"),
    ],
)
def test_another_schema_is_refused(syncd: Syncd, store: Database, change: str, says: str) -> None:
    with store.write() as tx:
        tx.execute(text(change))
    ended = syncd("status")
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
