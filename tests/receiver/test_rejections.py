"""Each hook that is turned away leaves a row, up to a rate; what is beyond it is counted in one, and none is forgotten."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from syncd.clock import StoppedClock
from syncd.errors import Unavailable
from syncd.flow.accept import Door
from syncd.receiver.rejections import MOST, Rejections
from tests.receiver.test_doors import Wooden

pytestmark = pytest.mark.anyio
PD, DESK = Wooden("pd", ()), Wooden("desk", ())


@dataclass
class Rows:
    written: list[tuple[str, str]] = field(default_factory=list)
    is_down: bool = False
    told: list[tuple[bool, float]] = field(default_factory=list)

    def write(self, door: Door, detail: str, *, names_ours: bool, ago: timedelta) -> None:
        if self.is_down:
            raise Unavailable("The database cannot be used.")
        self.written.append((door.slug, detail))
        self.told.append((names_ours, ago.total_seconds()))


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


async def test_a_flood_is_sixty_rows_and_one_that_counts_the_others(clock: StoppedClock) -> None:
    rows = Rows()
    rejections = Rejections(rows.write, clock)
    for number in range(MOST + 100):
        await rejections.record(PD if number % 2 else DESK, "No signature matches.")
    assert len(rows.written) == MOST
    clock.forward(61)
    await rejections.record(PD, "No signature matches.")
    assert sorted(rows.written[MOST:]) == [
        ("desk", "50 more were turned away like the last one."),
        ("pd", "50 more were turned away like the last one."),
        ("pd", "No signature matches."),
    ]
    await rejections.close()


async def test_what_was_only_counted_is_written_at_the_end(clock: StoppedClock) -> None:
    rows = Rows()
    rejections = Rejections(rows.write, clock)
    for _ in range(MOST + 7):
        await rejections.record(PD, "No signature matches.")
    await rejections.close()
    assert rows.written[MOST:] == [("pd", "7 more were turned away like the last one.")]


async def test_a_database_that_is_down_delays_the_rows_and_loses_no_count(clock: StoppedClock) -> None:
    rows = Rows(is_down=True)
    rejections = Rejections(rows.write, clock)
    for _ in range(3):
        await rejections.record(PD, "No signature matches.")
    rows.is_down = False
    await rejections.close()
    assert rows.written == [("pd", "3 more were turned away like the last one.")]


async def test_a_row_that_is_written_late_says_when_its_last_hook_came_and_no_flood_hides_one_of_ours(
    clock: StoppedClock,
) -> None:
    rows = Rows()
    rejections = Rejections(rows.write, clock)
    for _ in range(MOST):
        await rejections.record(PD, "No signature matches.")
    clock.forward(20)
    await rejections.record(PD, "No signature matches.", names_ours=True)
    clock.forward(30)
    await rejections.record(PD, "No signature matches.")
    clock.forward(9)
    await rejections.close()
    assert sorted(rows.told[MOST:]) == [(False, 9.0), (True, 39.0)]
