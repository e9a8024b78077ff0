"""docs/sql.md is true: its role reads the view and nothing else, and its question is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from syncd.clock import Clock
from syncd.store.database import Database
from tests.parts.database import migrate

from .rows import fill

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "sql.md"
ROLE, QUESTION = re.findall(r"```sql\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(request.getfixturevalue("database")(migrate), Clock())
    yield database
    with database.write() as tx:
        tx.execute(text("DROP OWNED BY syncd_reader; DROP ROLE syncd_reader"))
    database.close()


def test_the_role_reads_the_view_and_nothing_else(server: Database) -> None:
    fill(server)
    with server.write() as tx:
        tx.execute(text(ROLE))
    with server.read() as tx:
        tx.execute(text("SET ROLE syncd_reader"))
        assert tx.execute(text("SELECT count(*) FROM deliveries_v")).scalar_one() == 6
        assert {row.integration for row in tx.execute(text(QUESTION))} <= {"pagerduty", "other", ""}
    for table in ("notification_deliveries", "integrations", "arrivals"):
        with pytest.raises(ProgrammingError, match="permission denied"), server.read() as tx:
            tx.execute(text(f"SET ROLE syncd_reader; SELECT * FROM {table}"))  # noqa: S608  our tables
