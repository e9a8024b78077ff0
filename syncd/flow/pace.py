"""How many calls may be handed to the lanes at once: more when they come back quickly, so that each turn has more to write."""

from __future__ import annotations

import threading

_WAITS_AT_MOST = 0.5  # seconds a call may stand behind the others of its lane, by what calls took of late
_DEEPEST = 8  # calls for one lane
_WEIGHT = 0.2  # of the newest call


class Pace:
    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._lock = threading.Lock()
        self._took = _WAITS_AT_MOST  # until it is known: one call for each lane

    def saw(self, seconds: float) -> None:
        """One slow call slows at once; quick ones have to be many."""
        with self._lock:
            self._took = max(
                seconds if seconds > _WAITS_AT_MOST else 0.0, self._took + _WEIGHT * (seconds - self._took)
            )

    def window(self) -> int:
        with self._lock:
            deep = int(_WAITS_AT_MOST / max(self._took, _WAITS_AT_MOST / _DEEPEST))
        return self._lanes * max(1, deep)
