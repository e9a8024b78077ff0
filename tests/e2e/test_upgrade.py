"""`syncd db upgrade` three times at once, and processes that meet a schema which is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from syncd.clock import Clock
from syncd.connections.vault import generate_key
from syncd.store.database import Database
from syncd.store.schema import head, version
from tests.e2e.program import Program, syncd
from tests.parts.ports import free_port
from tests.parts.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'syncd.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.create()
    yield url
    postgres.drop(url)


def _program(name: str, argv: tuple[str, ...], url: str, folder: Path) -> Program:
    env = {"SYNCD_DATABASE_URL": url, "SYNCD_MASTER_KEYS": generate_key(), "SYNCD_API_TOKEN": "a-token-for-this-test"}
    return Program(name, argv, env, folder / name)


def test_three_upgrades_at_once(empty_url: str, tmp_path: Path) -> None:
    programs = [_program(f"upgrade{number}", syncd("db", "upgrade"), empty_url, tmp_path) for number in range(3)]
    for program in programs:
        program.start()
    assert [program.wait(60) for program in programs] == [0, 0, 0], [program.said() for program in programs]
    assert all(f"The database is at {head()}." in program.said() for program in programs)
    migrated = [program.name for program in programs if "schema.upgraded" in program.said()]
    assert len(migrated) == 1, f"{migrated} migrated; one was to do it and the others to wait."
    db = Database(empty_url, Clock(), pool_size=1)
    with db.read() as tx:
        assert version(tx) == head()
    db.close()


@pytest.mark.parametrize("part", ["web", "worker"])
@pytest.mark.parametrize("there", ["", "9999_newer"])
def test_a_schema_that_is_not_ours_is_refused(part: str, there: str, tmp_path: Path) -> None:
    file = tmp_path / "syncd.db"
    db = Database(f"sqlite:///{file}", Clock(), pool_size=1)
    if there:
        with db.write() as tx:
            tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            tx.execute(text(f"INSERT INTO alembic_version VALUES ('{there}')"))  # noqa: S608  our own word
    db.close()
    program = _program(part, syncd(part), f"sqlite:///{file}", tmp_path)
    ports = {f"SYNCD_{name}_PORT": str(free_port()) for name in ("HTTP", "CONSOLE")}
    program.env = {**program.env, "SYNCD_REDIS_URL": "redis://127.0.0.1:1/0", **ports}
    program.start()
    assert program.wait(60) == 2, program.said()
    (said,) = program.said().strip().splitlines()
    assert ("no schema yet" if not there else f"is at {there}, which this release does not know") in said
