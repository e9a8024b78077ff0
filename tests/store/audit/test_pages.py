"""Pages: newest first, nothing twice and nothing left out, whatever comes in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select

from syncd.core.query.reading import read
from syncd.core.query.terms import EVERYTHING
from syncd.errors import Misconfigured
from syncd.store import deliveries
from syncd.store.audit.pages import Place, before, page, place
from syncd.store.database import Database
from syncd.store.tables import deliveries as table

from .rows import NOW, ROWS, fill


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(limit=some.integers(1, 4), ages=some.lists(some.integers(0, 3), min_size=1, max_size=9))
def test_pages_are_the_whole_list_while_rows_come_in(db: Database, limit: int, ages: list[int]) -> None:
    """Rows of one moment, and rows that were recorded later with an earlier one, stand in one order."""
    with db.write() as tx:
        tx.execute(delete(table))
        deliveries.record_many(tx, [replace(ROWS[0], recorded_at=NOW - timedelta(days=age)) for age in ages])
        ids = list(tx.scalars(select(table.c.id).order_by(table.c.recorded_at.desc(), table.c.id.desc())))
        shown: list[int] = []
        token: str | None = ""
        while token is not None:
            found = page(tx, EVERYTHING, NOW, limit=limit, after=place(token) if token else None)
            shown += [row["id"] for row in found.rows]
            token = None if found.next is None else str(found.next)
            deliveries.record_many(tx, [replace(ROWS[0], recorded_at=NOW)])
    assert shown == ids


def test_the_last_page_has_no_next_though_it_is_full(db: Database) -> None:
    fill(db)
    with db.read() as tx:
        assert page(tx, EVERYTHING, NOW, limit=6).next is None
        assert page(tx, read("outcome:applied"), NOW, limit=1).next is not None
        assert page(tx, read("outcome:applied"), NOW, limit=2).next is None


def test_a_list_goes_on_below_a_delivery_also_when_that_was_pruned(db: Database) -> None:
    fill(db)
    with db.write() as tx:
        whole = [row["id"] for row in page(tx, EVERYTHING, NOW, limit=6).rows]
        below = page(tx, EVERYTHING, NOW, limit=6, after=before(tx, whole[2])).rows
        assert [row["id"] for row in below] == whole[3:]
        tx.execute(delete(table).where(table.c.id == whole[2]))
        below = page(tx, EVERYTHING, NOW, limit=6, after=before(tx, whole[2])).rows
        assert [row["id"] for row in below] == whole[3:]
        assert page(tx, EVERYTHING, NOW, limit=6, after=before(tx, whole[-1] - 1)).rows == []


def test_a_place_is_a_word_and_back() -> None:
    assert place(str(Place(NOW, 12))) == Place(NOW, 12)


@pytest.mark.parametrize("token", ["", "12", "1-2-3", "a-1", "1-" + "9" * 30, "\u0661-1"])
def test_what_is_no_place_is_refused(token: str) -> None:
    with pytest.raises(Misconfigured, match="no place in a list"):
        place(token)
