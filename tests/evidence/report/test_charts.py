"""Where bars and boxes stand: within the picture, in their order, and never too small to be seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.report.charts import LABEL, WIDTH, boxes, gantt

START = datetime(2026, 11, 17, tzinfo=UTC)
END = START + timedelta(days=30)
NOW = (START + timedelta(days=15)).isoformat()


def line(name: str, *gaps: tuple[int, int], known: bool = True) -> dict[str, Any]:
    window = {"start": START.isoformat(), "end": END.isoformat()} if known else None
    spans = [(START + timedelta(minutes=start), START + timedelta(minutes=end)) for start, end in gaps]
    told = [{"start": one.isoformat(), "end": other.isoformat(), "why": "no_users"} for one, other in spans]
    return {"name": name, "window": window, "gaps": told, "unknown": "" if known else "not read"}


def test_schedules_with_a_gap_come_first_and_those_without_room_are_counted() -> None:
    found = gantt(
        [*(line(f"quiet {at}") for at in range(70)), line("holed", (60, 120)), line("dark", known=False)], NOW
    )
    assert found is not None
    assert [name for name, _, _ in found.lines][:3] == ["holed", "dark", "quiet 0"]
    assert (len(found.lines), found.left_out) == (60, 12)
    assert found.lines[1][1] == "unknown"
    assert "72 schedules" in found.said
    assert gantt([line("dark", known=False)], NOW) is None


@given(st.lists(st.tuples(st.integers(0, 43_000), st.integers(1, 500)), max_size=8))
def test_every_gap_is_drawn_within_the_picture(gaps: list[tuple[int, int]]) -> None:
    found = gantt([line("one", *((start, min(start + length, 43_200)) for start, length in gaps))], NOW)
    assert found is not None
    bars = found.lines[0][2]
    assert len(bars) == len(gaps)
    assert found.now == LABEL + (WIDTH - LABEL) / 2
    assert all(LABEL <= one.x <= WIDTH and one.width >= 2 for one in bars)


@given(st.lists(st.integers(0, 400_000), min_size=4, max_size=4), st.one_of(st.none(), st.integers(1, 100_000)))
def test_a_box_stands_in_its_order_whatever_the_numbers_are(numbers: list[int], target: int | None) -> None:
    p25, p50, p75, p95 = sorted(numbers)
    found = boxes(
        [{"service": "S1", "name": "", "count": 4, "p25_s": p25, "p50_s": p50, "p75_s": p75, "p95_s": p95}], target
    )
    assert found is not None
    (one,) = found.lines
    assert LABEL <= one.left <= one.middle <= one.end <= WIDTH
    assert one.name == "S1"
    assert one.is_late == (target is not None and p75 > target)
    assert boxes([], target) is None
