"""Signs of life: whatever one of them meets, the next is given; what is missed is told once, and its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import structlog

from syncd.cli.heartbeat import Heartbeat
from syncd.errors import Unavailable


def beaten(*outcomes: Exception | None) -> list[tuple[str, str]]:
    """What was logged, when each beat in turn came to this."""
    closing, left, kept = threading.Event(), iter(outcomes), list[str]()

    def beat() -> None:
        outcome = _next(left, closing)
        if outcome is not None:
            raise outcome

    with structlog.testing.capture_logs() as logged:
        Heartbeat(beat, lambda: kept.append("left"), closing, every=0).run()
    assert kept == ["left"]
    return [(line["event"], line["log_level"]) for line in logged]


def _next(left: Iterator[Exception | None], closing: threading.Event) -> Exception | None:
    try:
        return next(left)
    except StopIteration:
        closing.set()
        return None


def test_it_goes_on_after_whatever_happens_and_tells_once() -> None:
    away, fault = Unavailable("The database takes no writes."), RuntimeError("what nobody has thought of")
    assert beaten(None) == []
    assert beaten(None, away, away, None, None) == [("heartbeat.missed", "warning"), ("heartbeat.back", "info")]
    assert beaten(fault, fault, away, None) == [("heartbeat.broken", "error"), ("heartbeat.back", "info")]
    assert [event for event, _ in beaten(away, None, fault, None)] == [
        "heartbeat.missed",
        "heartbeat.back",
        "heartbeat.broken",
        "heartbeat.back",
    ]
