"""Waiting for a condition with a deadline. Other processes tell no events, so it asks again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

ASK_EVERY = 0.15
PATIENCE = 60.0  # a machine that runs other things as well takes its time to start a process


def until(ask: Callable[[], Found], what: str, seconds: float = PATIENCE) -> Found:
    """The first true answer. The error says what did not come and what was there instead."""
    deadline = time.monotonic() + seconds
    while True:
        found = ask()
        if found:
            return found
        assert time.monotonic() < deadline, f"It did not come within {seconds:.0f} s: {what} (last answer: {found!r})."
        threading.Event().wait(ASK_EVERY)
