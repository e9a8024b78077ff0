"""The migrations make exactly the tables that the code speaks of, once, whoever runs them and how many at once."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, bindparam, text

from syncd.clock import Clock
from syncd.errors import Misconfigured
from syncd.store import marks, schema
from syncd.store.columns import Moment
from syncd.store.database import Database
from syncd.store.marks import Marks
from syncd.store.tables_of_cases import cases
from tests.parts.database import BOTH, migrate
from tests.store.ledger import later

METADATA = cases.metadata
WITHIN = 60.0


def create_all(url: str) -> None:
    database = Database(url, Clock())
    METADATA.create_all(database.engine)
    database.close()


def nothing(_: str) -> None:
    """An empty database."""


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    url: str = request.getfixturevalue("database")(nothing)
    return url


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url, Clock())
    yield database
    database.close()


_OUTSIDE = re.compile(r"\n|,(?![^(]*\))")  # lines, and commas that are in no brackets


def shape(tx: Connection) -> set[str]:
    """Every line of what the database itself says it is made of."""
    if tx.dialect.name == "sqlite":
        statements = tx.scalars(text("SELECT tbl_name || ': ' || sql FROM sqlite_master WHERE sql IS NOT NULL"))
        # A column that a later migration added stands in the line of the last one before it.
        found = {f"{one.split(':')[0]}: {part.strip()}" for one in statements for part in _OUTSIDE.split(one)}
    else:
        found = {str(row) for query in _PARTS_OF_POSTGRESQL for row in tx.execute(text(query))}
    return {line for line in found if "alembic_version" not in line}


_PARTS_OF_POSTGRESQL = (
    """SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE'""",  # a view is asked by a test of its own
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
)


def test_the_migrations_make_the_tables_of_the_code(
    db: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Checks and partial indexes included, which alembic's own comparison does not see."""
    if db.is_sqlite:
        url = f"sqlite:///{tmp_path}/created.db"
        create_all(url)
    else:
        url = request.getfixturevalue("database")(create_all)
    created = Database(url, Clock())
    with db.read() as migrated_tx, created.read() as created_tx:
        assert shape(migrated_tx) == shape(created_tx)
        assert len(shape(migrated_tx)) > 150
        assert compare_metadata(MigrationContext.configure(migrated_tx), METADATA) == []
    created.close()


def test_a_partial_index_or_a_check_that_differs_would_be_seen(db: Database) -> None:
    with db.write() as tx:
        before = shape(tx)
        tx.execute(text("DROP INDEX uq_errands_sending"))
        tx.execute(text("CREATE UNIQUE INDEX uq_errands_sending ON errands (link_id, side)"))
        changed = shape(tx)
        tx.execute(text("DROP INDEX uq_errands_sending"))
        tx.execute(text("CREATE UNIQUE INDEX uq_errands_sending ON errands (link_id, side) WHERE state = 'sending'"))
        assert shape(tx) == before
    assert changed != before


def test_an_empty_database_is_brought_to_this_release(empty: Database) -> None:
    with pytest.raises(Misconfigured, match="no schema yet; run `syncd db upgrade`"):
        schema.require_current(empty)
    assert not schema.is_current(empty)
    assert schema.upgrade(empty) == schema.head()
    schema.require_current(empty)
    assert schema.is_current(empty)
    with empty.read() as tx:
        assert schema.version(tx) == schema.head()


def test_the_history_is_that_of_the_migrations() -> None:
    assert schema.migrations() == schema.HISTORY


def test_a_second_upgrade_changes_nothing(db: Database) -> None:
    with db.read() as tx:
        before = shape(tx)
    assert schema.upgrade(db) == schema.head()
    with db.read() as tx:
        assert shape(tx) == before


def test_a_failed_migration_leaves_nothing_behind(empty: Database) -> None:
    with empty.write() as tx:
        tx.execute(text("CREATE TABLE keyring (mine int)"))  # The last table of the first migration is in its way.
    with pytest.raises(Exception, match="keyring"):
        schema.upgrade(empty)
    with empty.read() as tx:
        assert schema.version(tx) == schema.EMPTY
        assert not [line for line in shape(tx) if "arrivals" in line]


def test_looks_go_on_from_where_those_of_the_release_before_had_come(empty: Database) -> None:
    """One account was polled, one is being polled for the first time, and one was never looked over."""
    with empty.write() as tx:
        command.upgrade(schema.config(tx), "0014")
        for slug in ("done", "first", "never"):
            tx.execute(_ACCOUNT, {"slug": slug, "at": later(0)})
        for look in (("done", 0, 10, "done", True), ("done", 10, 20, "done", False), ("done", 20, 30, "waiting", True)):
            _look(tx, *look)
        _look(tx, "first", 5, 40, "waiting", False)
    schema.upgrade(empty)
    with empty.read() as tx:
        found = {slug: marks.of(tx, slug) for slug in ("done", "first", "never")}
    assert found == {
        "done": Marks(later(20), later(10)),
        "first": Marks(later(5), later(0)),
        "never": Marks(later(0), later(0)),
    }


_ACCOUNT = text(
    """INSERT INTO integrations (slug, system, side, base_url, settings, state, code, reason, since, failures, created_at)
       VALUES (:slug, 'make-believe', 'incident', '', '{}', 'connected', '', '', :at, 0, :at)"""
).bindparams(bindparam("at", type_=Moment()))
_LOOK = text(
    """INSERT INTO reconciles
         (integration, since, why, asked_by, asked_at, state, next_at, cursor, requests, found, detail, is_deep)
       VALUES (:slug, :since, 'asked', '', :asked_at, :state, :asked_at, '', 0, 0, '', :is_deep)"""
).bindparams(bindparam("since", type_=Moment()), bindparam("asked_at", type_=Moment()))


def _look(tx: Connection, slug: str, since: float, asked_at: float, state: str, is_deep: bool) -> None:
    moments = {"since": later(since), "asked_at": later(asked_at)}
    tx.execute(_LOOK, {"slug": slug, **moments, "state": state, "is_deep": is_deep})


@pytest.fixture
def at(empty: Database) -> Database:
    schema.upgrade(empty)
    return empty


def _say(db: Database, version: str) -> None:
    with db.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_an_older_schema_is_refused_with_its_cure() -> None:
    with pytest.raises(Misconfigured, match="at 0001 and this release needs 0002; run `syncd db upgrade`"):
        schema.require("0001", "0002")


def test_a_newer_schema_is_refused_and_left_alone(at: Database) -> None:
    _say(at, "9999")
    for refused in (schema.require_current, schema.upgrade):
        with pytest.raises(Misconfigured, match="at 9999, which this release does not know"):
            refused(at)
    assert not schema.is_current(at)
    with at.read() as tx:
        assert schema.version(tx) == "9999"


def test_who_runs_already_goes_on_with_a_newer_schema_and_with_no_other(at: Database) -> None:
    """In a rolling upgrade the database goes first, and the receivers of the release before must stay ready."""
    schema.require_served(at)
    _say(at, "9999")
    schema.require_served(at)
    with at.write() as tx:
        tx.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(Misconfigured, match="no schema yet"):
        schema.require_served(at)


_UPGRADE = """
import logging, sys
logging.basicConfig(level="INFO", format="%(name)s %(message)s")
from syncd.clock import Clock
from syncd.store.database import Database
from syncd.store.schema import upgrade
db = Database(sys.argv[1], Clock())
sys.stdin.readline()
print(upgrade(db))
"""


def test_of_three_at_once_one_migrates_and_all_succeed(empty_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _UPGRADE, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=WITHIN) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert [out.split()[-1] for out, _ in said] == [schema.head()] * 3
    assert sum("Running upgrade" in err for _, err in said) == 1, said


def test_the_migrations_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No alembic.ini, and nothing relative to where a person stands."""
    monkeypatch.chdir(tmp_path)
    migrate(f"sqlite:///{tmp_path}/any.db")
    database = Database(f"sqlite:///{tmp_path}/any.db", Clock())
    schema.require_current(database)
    database.close()
