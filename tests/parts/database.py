"""A migrated, empty database for each test, on SQLite and on PostgreSQL: `database_url`, and `db` opened on the machine's clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from syncd.clock import Clock
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.store.tables_of_cases import cases
from tests.parts.postgres import Postgres

BOTH = ("sqlite", "postgresql")


def migrate(url: str) -> None:
    database = Database(url, Clock(), pool_size=1)
    upgrade(database)
    database.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "syncd.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_server(postgres: Postgres) -> Iterator[Database]:
    """One database, emptied for each test: a fresh copy of a template costs ten times as much."""
    url = postgres.create(migrate)
    database = Database(url, Clock(), pool_size=1)
    yield database
    database.close()
    postgres.drop(url)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("migrated_file")
        shutil.copy(template, tmp_path / "syncd.db")
        return f"sqlite:///{tmp_path / 'syncd.db'}"
    server: Database = request.getfixturevalue("migrated_server")
    _empty(server)
    return server.url.render_as_string(hide_password=False)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    database = Database(database_url, Clock())
    yield database
    database.close()


_THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_RESTART = """DO $$ DECLARE one text; BEGIN
FOR one IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE last_value IS NOT NULL
LOOP EXECUTE 'ALTER SEQUENCE ' || one || ' RESTART'; END LOOP; END $$"""


def _empty(server: Database) -> None:
    """Whoever the test before left behind is thrown out, so that nobody waits for a lock of theirs."""
    with server.write() as tx:
        tx.execute(text(_THROW_OUT))
        tx.execute(text("SET LOCAL session_replication_role = replica"))  # Triggers forbid to delete what is to stay.
        tx.execute(text("".join(f"DELETE FROM {table.name};" for table in reversed(cases.metadata.sorted_tables))))  # noqa: S608  our tables
        tx.execute(text(_RESTART))
