"""All the numbers at once, at most every few seconds, however many ask."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Mapping, Sequence

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.tallies import LAG_MS, LONGER, Became, Count, Key, Totals
from syncd.systems.channels.port import Channel

from . import catalogue, counting
from .catalogue import Family, Sample, named
from .truth import truth

FRESH_S = 5.0  # seconds they are good for
_ROUND = {Count.DELIVERY: catalogue.DELIVERIES, Count.ATTEMPT: catalogue.ATTEMPTS, Count.HOOK: catalogue.WEBHOOKS}


class Gathering:
    """One per process. Whoever asks while somebody else is at it gets what that one brings."""

    def __init__(
        self, db: Database, connections: Connections, clock: Clock, told_by: Mapping[str, Channel] | None = None
    ) -> None:
        """`told_by`: the channels that are set."""
        self._db, self._connections, self._clock, self._told_by = db, connections, clock, told_by
        self._lock = threading.Lock()
        self._good_until = -math.inf
        self._families: Sequence[Family] = ()

    def families(self) -> Sequence[Family]:
        with self._lock:
            if self._clock.monotonic() >= self._good_until:
                self._families = [*self._counted(), *truth(self._db, self._connections, self._told_by)]
                self._good_until = self._clock.monotonic() + FRESH_S
            return self._families

    def _counted(self) -> Sequence[Family]:
        with self._db.read() as tx:
            sources = integrations.all_of(tx)
        return told(counting.totals(self._db), sources)


def told(totals: Totals, sources: Collection[str]) -> Sequence[Family]:
    """Hooks are told of from nought on: a series that begins with its first refusal has no increase, and nobody is alarmed."""
    none_yet: dict[Key, int] = {(Count.HOOK, source, became): 0 for source in sources for became in Became}
    rounds = [named(series, _of({**none_yet, **totals}, count)) for count, series in _ROUND.items()]
    return [*rounds, _lag(totals)]


def _of(totals: Totals, count: Count) -> Mapping[tuple[str, ...], int]:
    return {key[1:]: number for key, number in totals.items() if key[0] == count}


def _lag(totals: Totals) -> Family:
    directions = sorted({key[1] for key in totals if key[0] == Count.LAG})
    return Family(catalogue.LAG, [one for direction in directions for one in _histogram(totals, direction)])


def _histogram(totals: Totals, direction: str) -> Sequence[Sample]:
    counted: Mapping[str, int] = {key[2]: count for key, count in totals.items() if key[:2] == (Count.LAG, direction)}
    labels, samples, so_far = {"direction": direction}, [], 0
    for limit in LAG_MS:
        so_far += counted.get(str(limit), 0)
        samples.append(Sample({**labels, "le": f"{limit / 1000:g}"}, so_far, "_bucket"))
    so_far += counted.get(LONGER, 0)
    return [
        *samples,
        Sample({**labels, "le": "+Inf"}, so_far, "_bucket"),
        Sample(labels, totals.get((Count.LAG_MS, direction), 0) / 1000, "_sum"),
        Sample(labels, so_far, "_count"),
    ]
