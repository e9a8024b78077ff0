"""A database that is read-only, or held by another, is an outage with a sentence of its own, and over by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import DBAPIError

from syncd.clock import Clock
from syncd.core.permissions import Role
from syncd.errors import DatabaseAway, DiskFull, Locked, TakesNoWrites
from syncd.store import heartbeats, users
from syncd.store.database import Database
from syncd.store.outage import is_outage
from tests.parts.database import migrate
from tests.parts.postgres import Postgres
from tests.store.ledger import NOON

SECRET = "what somebody wrote"


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Database]:
    url = postgres.create(migrate)
    db = Database(url, Clock(), pool_size=2)
    yield db
    db.close()
    postgres.drop(url)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    migrate(f"sqlite:///{tmp_path}/syncd.db")
    db = Database(f"sqlite:///{tmp_path}/syncd.db", Clock(), pool_size=1)
    yield db
    db.close()


def close_to_writes(postgres: Postgres, db: Database, *, is_closed: bool) -> None:
    """As after a failover: whoever was connected is thrown out, and finds a server that is read-only."""
    name = urlsplit(db.url.render_as_string()).path.removeprefix("/")
    postgres.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if is_closed else "off"}')
    if is_closed:
        postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  our own


def beat(db: Database, instance: str = "a") -> None:
    with db.write() as tx:
        heartbeats.beat(tx, "worker", instance, NOON)


def seen(db: Database) -> list[str]:
    with db.read() as tx:
        return [one.instance for one in heartbeats.latest(tx)]


def refusal(db: Database) -> DatabaseAway:
    with pytest.raises(DatabaseAway) as caught:
        beat(db, SECRET)
    return caught.value


def test_a_server_that_is_read_only_is_told_and_is_over_without_anybodys_help(
    postgres: Postgres, server: Database
) -> None:
    beat(server)
    close_to_writes(postgres, server, is_closed=True)
    # Whoever finds its connection cut is told of that first.
    said = next(one for _ in range(3) if isinstance(one := refusal(server), TakesNoWrites))
    assert str(said).startswith(
        "The database takes no writes: it is read-only, a standby or without room on its disk ("
    )
    assert str(said).endswith("; make it writable or name the primary, and it goes on by itself.")
    assert SECRET not in f"{said} {said.__cause__}"
    assert seen(server) == ["a"], "it is read from as ever"
    close_to_writes(postgres, server, is_closed=False)
    beat(server, "b")  # A connection that was begun meanwhile would stay read-only.
    assert seen(server) == ["a", "b"]


def test_within_a_transaction_it_is_an_outage_and_no_fault_of_ours(postgres: Postgres, server: Database) -> None:
    close_to_writes(postgres, server, is_closed=True)
    with server.engine.connect() as tx:
        with pytest.raises(DBAPIError) as caught:
            heartbeats.beat(tx, "worker", SECRET, NOON)
        with pytest.raises(DBAPIError) as after:
            heartbeats.latest(tx)  # The transaction has failed, which is nobody's fault but ours.
    assert (is_outage(caught.value), is_outage(after.value)) == (True, False)


def query_only(db: Database, *, is_closed: bool) -> None:
    with db.read() as tx:
        tx.exec_driver_sql(f"PRAGMA query_only={'ON' if is_closed else 'OFF'}")


def test_a_file_that_may_only_be_read_is_told_alike(file: Database) -> None:
    query_only(file, is_closed=True)
    assert isinstance(refusal(file), TakesNoWrites)
    beat(file)  # Another connection was made, without that.


def test_a_file_that_another_holds_is_told_as_that_and_not_as_a_server_that_is_away(file: Database) -> None:
    with file.read() as tx:
        tx.exec_driver_sql("PRAGMA busy_timeout=1")
    with closing(sqlite3.connect(str(file.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = refusal(file)
        other.execute("ROLLBACK")
    assert isinstance(said, Locked)
    assert "server" not in str(said)
    assert str(said).startswith("Another process has been writing to the database for too long")


def test_what_came_to_nothing_is_remembered_until_something_is_written(file: Database) -> None:
    assert file.trouble is None
    query_only(file, is_closed=True)
    refusal(file)
    assert isinstance(file.trouble, TakesNoWrites)
    with file.write() as tx:
        heartbeats.latest(tx)
    assert isinstance(file.trouble, TakesNoWrites), "nothing was written"
    beat(file)
    assert file.trouble is None


def test_so_it_is_of_a_server(postgres: Postgres, server: Database) -> None:
    close_to_writes(postgres, server, is_closed=True)
    refusal(server)
    refusal(server)
    with server.write() as tx:
        heartbeats.latest(tx)
    assert isinstance(server.trouble, TakesNoWrites), "nothing was written"
    close_to_writes(postgres, server, is_closed=False)
    beat(server)
    assert server.trouble is None


def test_what_is_wrong_with_what_we_wrote_is_no_trouble_of_the_database(db: Database) -> None:
    """Nor does its traceback show what that was."""

    def add() -> None:
        with db.write() as tx:
            users.add(tx, name="Ana", role=Role.ADMIN, password=SECRET, by="", now=NOON)

    add()
    with pytest.raises(DBAPIError) as caught:
        add()
    assert db.trouble is None
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("kind", [DiskFull, TakesNoWrites, Locked])
def test_each_is_an_outage(kind: Callable[[str], DatabaseAway]) -> None:
    assert is_outage(kind("away"))
