"""Transactions: moments with zones, nothing lost between processes, writers of SQLite served in turn, trouble in one sentence."""

from __future__ import annotations

import subprocess
import sys
import threading
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from syncd.clock import Clock, StoppedClock
from syncd.core.changes import Side
from syncd.errors import DiskFull, Misconfigured, Unavailable
from syncd.store import heartbeats, integrations, links
from syncd.store.database import Database
from syncd.store.outage import is_outage
from syncd.store.tables_of_upkeep import heartbeats as table
from tests.parts.database import migrate
from tests.store.ledger import NOON, SHARD, a_link, an_account, an_errand

WITHIN = 60.0


def test_a_moment_is_the_same_moment_in_utc_again(db: Database) -> None:
    there = datetime(2026, 11, 21, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with db.write() as tx:
        heartbeats.beat(tx, "worker", "a", there)
        (found,) = heartbeats.latest(tx)
    assert found.at == there
    assert found.at.tzinfo is UTC
    assert found.at.isoformat() == "2026-11-21T12:00:00.123456+00:00"


def test_moments_sort_as_they_came(db: Database) -> None:
    moments = [NOON + timedelta(microseconds=number) for number in (0, 1, 999_999, 1_000_000)]
    with db.write() as tx:
        for number, at in enumerate(reversed(moments)):
            heartbeats.beat(tx, "worker", str(number), at)
        assert list(tx.scalars(select(table.c.at).order_by(table.c.at))) == moments


def test_a_moment_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), db.write() as tx:
        tx.execute(insert(table).values(part="a", instance="b", at=NOON.replace(tzinfo=None)))


def test_now_is_aware(db: Database) -> None:
    with db.read() as tx:
        first, second = db.now(tx), db.now(tx)
    assert first.tzinfo is not None
    assert first <= second


def test_alone_the_clock_given_will_do(database_url: str) -> None:
    db = Database(database_url, StoppedClock(NOON), is_alone=True)
    with db.read() as tx:
        assert db.now(tx) == NOON
    db.close()


def test_what_raises_is_undone(db: Database) -> None:
    def fail() -> None:
        with db.write() as tx:
            heartbeats.beat(tx, "worker", "a", NOON)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with db.read() as tx:
        assert heartbeats.latest(tx) == []


def test_a_read_sees_one_state_of_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    migrate(url)
    db = Database(url, Clock())
    with db.read() as reading:
        assert heartbeats.latest(reading) == []
        with db.write() as tx:
            heartbeats.beat(tx, "worker", "a", NOON)
        assert heartbeats.latest(reading) == []
    db.close()


def test_a_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    db = Database(f"sqlite:///{tmp_path}/file", Clock())
    with pytest.raises(Unavailable, match=r"^The database cannot be used \(.+\); check database_url"), db.write():
        pass
    db.close()


def test_a_disk_that_is_full_is_one_sentence_of_its_own_and_passes(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/file")
    db = Database(f"sqlite:///{tmp_path}/file", Clock(), pool_size=1)
    words = "x" * 100_000
    with db.read() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskFull, match=r"^The disk of the database is full \(.+\); free some space"), db.write() as tx:
        heartbeats.beat(tx, "worker", words, NOON)
    with db.read() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count=1000000")
    with db.write() as tx:
        heartbeats.beat(tx, "worker", words, NOON)
    db.close()


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"something else altogether" * 100)
    db = Database(f"sqlite:///{tmp_path}/file", Clock())
    with pytest.raises(Unavailable, match="file is not a database"), db.read():
        pass
    db.close()


def test_a_second_one_in_a_process_leaves_the_first_its_locks(tmp_path: Path) -> None:
    """Without them another process that closes takes itself for the last, and deletes what was written from under the first."""
    file = tmp_path / "syncd.db"
    first = Database(f"sqlite:///{file}", Clock())
    with first.write() as tx:
        tx.exec_driver_sql("CREATE TABLE kept (word TEXT)")
    with first.engine.connect() as held:
        held.exec_driver_sql("INSERT INTO kept VALUES ('kept')")
        Database(f"sqlite:///{file}", Clock()).close()
        subprocess.run([sys.executable, "-c", _LOOKS_IN, str(file)], check=True)
        assert Path(f"{file}-wal").exists()
    first.close()


_LOOKS_IN = (
    "import sqlite3, sys; one = sqlite3.connect(sys.argv[1]); one.execute('SELECT * FROM kept').fetchall(); one.close()"
)


def test_what_is_in_the_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    db = Database(f"sqlite:///{tmp_path}/syncd.db", Clock())
    with db.write() as tx:
        tx.exec_driver_sql("CREATE TABLE t (x)")
        assert {one.name: one.stat().st_mode & 0o077 for one in tmp_path.iterdir()} == dict.fromkeys(
            ("syncd.db", "syncd.db-wal", "syncd.db-shm", "syncd.db.lock"), 0
        )
    db.close()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://x/y",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+asyncpg://x/y",
        "postgresql://u:p@h:hunter/x",
    ],
)
def test_an_address_we_cannot_work_with_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        Database(url, Clock())


@pytest.mark.parametrize("query", ["password=a&hunter=2", "port=hunter2", "hunter=2"])
def test_what_the_driver_would_refuse_of_a_query_is_told_without_quoting_it(query: str) -> None:
    with pytest.raises(Misconfigured, match=r"asks behind its \? for what") as refused:
        Database(f"postgresql://127.0.0.1:1/x?{query}", Clock())
    assert "hunter" not in "".join(traceback.format_exception(refused.value)).rpartition("Misconfigured: ")[2]
    assert refused.value.__suppress_context__


def test_an_outage_is_told_from_a_fault_of_ours() -> None:
    assert is_outage(Unavailable("away"))
    assert not is_outage(KeyError("x"))


# Several processes.

_PRELUDE = """
import sys
from datetime import UTC, datetime, timedelta
from syncd.clock import Clock
from syncd.core.changes import Field, Side
from syncd.store import arrivals, errands, lanes, integrations, links
from syncd.store.database import Database
db = Database(sys.argv[1], Clock())
print("ready", flush=True)
sys.stdin.readline()
"""


def together(url: str, *scripts: str) -> list[list[str]]:
    """Each in a process of its own, let go at one moment; what they said."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PRELUDE + script, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for script in scripts
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate(timeout=WITHIN)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=WITHIN) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said
    return [out.split() for out, _ in said]


_COUNT = """
for _ in range(100):
    with db.write() as tx:
        stored = links.lock(tx, 1)
        before = int(stored.link.value(Side.CASE, Field.PRIORITY) or 0)
        links.save(tx, stored, stored.link.saw(Side.CASE, Field.PRIORITY, str(before + 1), None))
"""


def test_of_two_processes_that_count_no_step_is_lost(db: Database, database_url: str) -> None:
    with db.write() as tx:
        assert a_link(tx).id == 1
    together(database_url, _COUNT, _COUNT)
    with db.read() as tx:
        stored = links.get(tx, 1)
    assert stored is not None
    assert [known.value for known in stored.link.known.values()] == ["200"]


_CLAIM = f"""
now = datetime.now(UTC)
for turn in range(200):
    with db.write() as tx:
        ids = lanes.due_links(tx, [{SHARD}], now, 4)
        if not ids:
            break
        held = links.lock_many(tx, ids, is_patient=False)
        for one in lanes.due_of_links(tx, list(held), now):
            errands.begin(tx, [errands.Begun(one.id, f"t{{one.id}}", None)], now=now, lease_until=now)
            print(one.id)
"""


def test_two_processes_never_both_get_an_errand(db: Database, database_url: str) -> None:
    with db.write() as tx:
        numbers = [an_errand(tx, a_link(tx, number)) for number in range(60)]
    first, second = together(database_url, _CLAIM, _CLAIM)
    claimed = [int(number) for number in (*first, *second)]
    assert sorted(claimed) == numbers


_PROBE = """
now = datetime.now(UTC)
with db.write() as tx:
    taken = integrations.take_probe(tx, now, now + timedelta(hours=1))
print("none" if taken is None else taken.slug)
"""


def test_of_two_processes_one_takes_the_probe(db: Database, database_url: str) -> None:
    with db.write() as tx:
        an_account(tx)
        integrations.probe_later(tx, "pagerduty", NOON - timedelta(days=365))
    said = together(database_url, _PROBE, _PROBE)
    assert sorted(word for words in said for word in words) == ["none", "pagerduty"]


_INSERT = """
for number in range(50):
    with db.write() as tx:
        keys = [f"k{(number * 7 + step) % 60}" for step in range(8)]
        rows = [arrivals.NewArrival("pd", key, "t", "r", b"", datetime.now(UTC), 0) for key in keys]
        print(sum(one is not None for one in arrivals.add_many(tx, rows)))
"""


def test_two_receivers_that_insert_the_same_events_neither_block_nor_double(db: Database, database_url: str) -> None:
    said = together(database_url, _INSERT, _INSERT)
    assert sum(int(word) for words in said for word in words) == 60


_WRITE = """
for number in range(150):
    with db.write() as tx:
        integrations.probe_later(tx, "pagerduty", datetime.now(UTC))
"""


def test_writers_of_one_file_are_served_in_turn(tmp_path: Path) -> None:
    """Three hot processes: without the queue one of them is told `locked` after five seconds."""
    url = f"sqlite:///{tmp_path}/one.db"
    migrate(url)
    db = Database(url, Clock())
    with db.write() as tx:
        an_account(tx)
    db.close()
    together(url, *[_WRITE] * 3)


def test_threads_of_one_process_queue_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    migrate(url)
    db = Database(url, Clock())
    with db.write() as tx:
        link = a_link(tx)

    def step() -> None:
        for _ in range(20):
            with db.write() as tx:
                stored = links.lock(tx, link.id)
                links.save(tx, stored, replace(stored.link, case_url=stored.link.case_url + "x"))

    threads = [threading.Thread(target=step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN)
    with db.read() as tx:
        stored = links.find(tx, "cases", Side.CASE, "C-1")
    assert stored is not None
    assert len(stored.link.case_url) == 80
    db.close()
