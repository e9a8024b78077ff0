"""A question that takes too long is stopped, with a sentence that says what helps, and the connection goes on working."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from syncd.errors import Misconfigured, Unavailable
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

_LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000) SELECT count(*) FROM n"
)


def test_it_is_stopped_and_the_next_is_answered(db: Database) -> None:
    with (
        pytest.raises(Misconfigured, match=r"longer than 0\.02 s and was stopped; ask for less"),
        patient_read(db, 0.02) as tx,
    ):
        tx.execute(_LONG)
    with patient_read(db) as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1


def test_another_trouble_is_told_as_what_it_is(db: Database) -> None:
    with pytest.raises((Unavailable, Exception), match="nothing_of_that_name"), patient_read(db) as tx:
        tx.execute(text("SELECT * FROM nothing_of_that_name"))


def test_rows_of_a_time_are_taken_for_neighbours_and_by_nobody_else(migrated_server: Database) -> None:
    """With a million rows that is the difference between reading a tenth of them by their index and reading all."""
    asked = text("SHOW random_page_cost")
    with migrated_server.read() as tx:
        usual = tx.execute(asked).scalar_one()
    with patient_read(migrated_server) as tx:
        assert tx.execute(asked).scalar_one() == "1.1"
    with migrated_server.read() as tx:
        assert tx.execute(asked).scalar_one() == usual != "1.1"
