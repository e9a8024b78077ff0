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
