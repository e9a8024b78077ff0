"""The session's PostgreSQL is real, also under root; databases are fresh, copied from what was prepared once, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from syncd.errors import PartFailed
from tests.parts.postgres import Database, Postgres, serving


def _open(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True)


def test_each_database_is_fresh(database: Database) -> None:
    with _open(database()) as first, _open(database()) as second:
        first.execute("CREATE TABLE left_behind (n int)")
        assert second.execute("SELECT to_regclass('left_behind')").fetchone() == (None,)


def test_what_was_prepared_is_made_once_and_copied(database: Database) -> None:
    prepared: list[str] = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with _open(url) as line:
            line.execute("CREATE TABLE kept (n int)")
            line.execute("INSERT INTO kept VALUES (7)")

    urls = [database(prepare), database(prepare)]
    assert len(prepared) == 1
    assert len({*urls, *prepared}) == 3
    for url in urls:
        with _open(url) as line:
            assert line.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_dropped_database_is_gone_even_with_somebody_in_it(postgres: Postgres) -> None:
    url = postgres.create()
    with _open(url):
        postgres.drop(url)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            _open(url)


def test_it_keeps_utf8_whatever_the_machine_speaks(database: Database) -> None:
    with _open(database()) as line:
        assert line.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_it_does_not_run_as_root(postgres: Postgres) -> None:
    assert postgres.owner != 0
    status = Path(f"/proc/{postgres.process.pid}/status").read_text(encoding="ascii")
    uids = next(line for line in status.splitlines() if line.startswith("Uid:"))
    assert uids.split()[1:3] == [str(postgres.owner)] * 2


def test_the_wheels_server_does_as_well() -> None:
    with serving(packaged=True) as server:
        assert "site-packages" in str(server.binaries) or server.home in server.binaries.parents
        with _open(server.create()) as line:
            assert line.execute("SELECT 1").fetchone() == (1,)


def test_an_option_that_is_none_ends_with_its_reason() -> None:
    with (
        pytest.raises(PartFailed, match=r"PostgreSQL did not start; its last words were: .*no_such_option"),
        serving({"no_such_option": "1"}),
    ):
        pass
