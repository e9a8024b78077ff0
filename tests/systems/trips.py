"""Trips for tests: on the machine's clock, with as much time as the test gives."""

from __future__ import annotations

import time

from syncd.systems.trip import SECONDS, Trip


def trip(seconds: float = SECONDS, label: str = "e7-1") -> Trip:
    return Trip.begin(label, time.monotonic, seconds)
