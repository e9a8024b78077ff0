"""What has become of a delivery that was decided anew, perhaps more than once: by a person, or since it came before its link. The
newest of it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.core.reasons import BEFORE_ITS_LINK
from syncd.store import deliveries, replay, traces
from syncd.store.database import Tx
from syncd.store.errands import StoredErrand
from syncd.store.traces import Trace

_KEYS = ("link_id", "case_id", "incident_id")  # each has its index
_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Newest:
    """Its last row; and what its last replay has made, where that has none yet."""

    row: _Row
    errand: StoredErrand | None = None  # to be tried
    hook: Trace | None = None  # once more, to be looked at

    @property
    def link(self) -> int | None:
        return self.row["link_id"] if self.errand is None else self.errand.link_id

    @property
    def is_before_its_link(self) -> bool:
        """Nothing was said of it since."""
        return self.errand is None and self.hook is None and self.row["reason"] in BEFORE_ITS_LINK

    @property
    def errand_id(self) -> int | None:
        return self.row["errand_id"] if self.errand is None else self.errand.id


def newest(tx: Tx, row: _Row) -> Newest:
    while (mine := _names(tx, row)) and (later := _told(tx, row, mine)) is not None:
        row = later
    return Newest(row, replay.replaying(tx, mine), _hook(tx, row, mine))


def _names(tx: Tx, row: _Row) -> Sequence[int]:
    """Any row of a change may be the one that a person has named."""
    if row["errand_id"] is None:
        return [row["id"]]
    return [one["id"] for one in deliveries.find(tx, {"errand_id": row["errand_id"]}, limit=_MOST)]


_MOST = 1000  # attempts at one change


def _told(tx: Tx, row: _Row, mine: Sequence[int]) -> _Row | None:
    """Of a hook that said several things the one that is about the same."""
    key = next((name for name in _KEYS if row[name]), None)
    if key is None:
        return None
    found = deliveries.replays(tx, mine, key, row[key])
    if not found:
        return _decided_again(tx, row, key)
    return next((one for one in found if one["change"] == row["change"]), found[0])


def _decided_again(tx: Tx, row: _Row, key: str) -> _Row | None:
    """It came before its link, and its hook was looked at once more: what was said of it then."""
    if row["arrival_id"] is None or row["reason"] not in BEFORE_ITS_LINK:
        return None
    found = deliveries.find(tx, {key: row[key], "arrival_id": row["arrival_id"]}, limit=_MOST)
    return min((one for one in found if one["id"] > row["id"]), key=lambda one: int(one["id"]), default=None)


def _hook(tx: Tx, row: _Row, mine: Sequence[int]) -> Trace | None:
    records = filter(None, (row["case_id"], row["incident_id"]))
    waiting = (one for record in records for one in traces.unplanned(tx, record))
    return next((one for one in waiting if one.replay_of in mine), None)
