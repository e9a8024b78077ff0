"""Waiting for something to come true, with a deadline; for what no event tells of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_until(has_come: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not has_come():
        assert time.monotonic() < deadline, f"It did not come within {seconds:.0f} s."
        threading.Event().wait(0.005)
