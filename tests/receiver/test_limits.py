"""The tally speaks of each kind of trouble at once, then at most once a minute, and forgets no number."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog

from syncd.clock import StoppedClock
from syncd.receiver.limits import Tally


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
