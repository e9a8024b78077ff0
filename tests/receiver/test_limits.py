"""The tally speaks of each kind of trouble at once, then at most once a minute, and forgets no number."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
import structlog

from syncd.clock import Clock, StoppedClock
from syncd.receiver.limits import Tally
from tests.waiting import wait_until


def test_a_kind_is_said_at_once_then_once_a_minute_and_the_rest_at_the_end() -> None:
    clock = StoppedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    tally = Tally(clock)
    with structlog.testing.capture_logs() as logged:
        for _ in range(100):
            tally.count("request.cut")
        tally.count("hook.rejected", source="pd")
        clock.forward(61)
        tally.count("request.cut")
        tally.count("request.cut")
        tally.close()
        tally.close()
    assert [(line["event"], line["count"]) for line in logged] == [
        ("request.cut", 1),
        ("hook.rejected", 1),
        ("request.cut", 100),
        ("request.cut", 1),
    ]
    assert tally.total == {"request.cut": 102, "hook.rejected": 1}


@pytest.mark.anyio
async def test_a_flood_that_ends_is_told_without_waiting_for_the_next_one() -> None:
    tally = Tally(Clock(), every=0.05)
    with structlog.testing.capture_logs() as logged:
        for _ in range(50):
            tally.count("request.cut")
        await asyncio.to_thread(wait_until, lambda: len(logged) == 2)
    assert [line["count"] for line in logged] == [1, 49]
