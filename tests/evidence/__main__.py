"""`python -m tests.evidence MINUTES`: coverage against the walk through every minute, with new schedules for so long."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from time import monotonic

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.test_coverage_by_the_minute import agree_on_layers, agree_on_shifts

_AT_A_TIME = 100
_KINDS = {"layered": agree_on_layers, "shift-based": agree_on_shifts}


def main(minutes: float) -> None:
    until = monotonic() + 60 * minutes
    tried: Counter[str] = Counter()
    while monotonic() < until:
        for kind, agree in _KINDS.items():
            tried[kind] += _batch(agree)
    told = " and ".join(f"{times} {kind}" for kind, times in tried.items())
    sys.stdout.write(f"{told} schedules, and each was covered in exactly the minutes in which it was found to be.\n")


def _batch(agree: Callable[[st.DataObject], None]) -> int:
    tried = 0

    @settings(max_examples=_AT_A_TIME, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def agrees(data: st.DataObject) -> None:
        nonlocal tried
        tried += 1
        agree(data)

    agrees()
    return tried


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5)
