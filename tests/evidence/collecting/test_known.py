"""How incidents that may have changed are read with the fewest requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.collecting.courses.known import listed_again_from

_START = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 400), max_size=40), st.lists(st.integers(0, 400), max_size=60), st.integers(1, 9))
def test_as_few_requests_as_there_can_be(stale: list[int], others: list[int], page: int) -> None:
    moments = sorted(_START + timedelta(minutes=one) for one in stale)
    begun = sorted([*moments, *(_START + timedelta(minutes=one) for one in others)])
    since, number = listed_again_from(moments, begun, page)

    def cost(at: datetime | None, alone: int) -> int:
        return alone + (0 if at is None else -(-sum(one >= at for one in begun) // page))

    each = [cost(at, place) for place, at in enumerate(moments)]
    assert cost(since, number) == min([len(moments), *each])
    assert all(since is not None and one >= since for one in moments[number:])
