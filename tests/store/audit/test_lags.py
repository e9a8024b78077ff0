"""How long changes took, step by step: the same figures as counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.core.query.reading import read
from syncd.store import deliveries
from syncd.store.audit.lags import HALF, MOST, lags
from syncd.store.database import Database
from tests.store.audit.rows import NOW, ROWS


def _after(share: int, took: list[int]) -> int:
    """The smallest that so many of a hundred do not exceed."""
    return next(ms for ms in sorted(took) if sum(one <= ms for one in took) * 100 >= share * len(took))


_EXAMPLES = count()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(took=st.lists(st.tuples(st.integers(0, 35), st.integers(0, 10**6)), max_size=60))
def test_each_step_has_the_half_and_the_most_of_its_own(db: Database, took: list[tuple[int, int]]) -> None:
    end, mine = NOW.replace(minute=0), f"c{next(_EXAMPLES)}"
    row = replace(ROWS[1], connector=mine)
    rows = [replace(row, recorded_at=end - timedelta(minutes=5 * place + 1), e2e_ms=ms) for place, ms in took]
    with db.write() as tx:
        deliveries.record_many(tx, [*rows, replace(row, recorded_at=end, connector="another", e2e_ms=7)])
        found = lags(tx, read(f"age<3h connector:{mine}"), end)
    there = {step.at: step.ms for step in found.steps if step.ms}
    wanted: dict[object, list[int]] = {}
    for place, ms in took:
        wanted.setdefault(end - timedelta(minutes=5 * (place + 1)), []).append(ms)
    assert there == {at: {HALF: _after(50, some), MOST: _after(95, some)} for at, some in wanted.items()}


def test_a_query_without_a_beginning_is_a_mistake_of_ours(db: Database) -> None:
    with db.read() as tx, pytest.raises(ValueError, match="since when"):
        lags(tx, read("outcome:applied"), NOW)
