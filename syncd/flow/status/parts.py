"""Which parts of the daemon give signs of life, and what to start where none does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.gap import Gap
from syncd.store import heartbeats
from syncd.store.database import Tx

SILENT_AFTER = timedelta(seconds=60)
PARTS = ("receiver", "console", "worker", "beat")
START: Mapping[str, str] = {
    "receiver": "Start one: `syncd web --only hooks`, or `syncd up`.",
    "console": "Start one: `syncd web --only console`, or `syncd up`.",
    "worker": "Start one: `syncd worker`, or `syncd up`.",
    # Its sign of life travels through the broker and a worker.
    "beat": "Start one: `syncd beat`, or `syncd up`; if it runs, see that the broker and a worker do.",
}
#: Who runs and who does not looks the same then: to start a second one would help nobody.
UNKNOWN = (
    "Start nothing for that: while the database takes no writes no sign of life can be stored, and it may well run."
)


@dataclass(frozen=True, slots=True)
class PartSeen:
    part: str
    instances: int
    last_seen: datetime | None
    stopped_at: datetime | None = None  # in order, whoever was the last


def read(tx: Tx, now: datetime, gaps: Collection[Gap]) -> list[PartSeen]:
    """Of the signs of life that stand in a restored backup none is of a part that runs."""
    beats = [one for one in heartbeats.latest(tx) if all(one.at > gap.until for gap in gaps)]
    seen = []
    for part in PARTS:
        mine = [one for one in beats if one.part == part]
        alive = [one for one in mine if not one.is_stopped and now - one.at < SILENT_AFTER]
        last = max(mine, key=lambda one: one.at, default=None)
        seen.append(_part(part, len(alive), last))
    return seen


def _part(part: str, instances: int, last: heartbeats.Heartbeat | None) -> PartSeen:
    if last is None:
        return PartSeen(part, instances, None)
    return PartSeen(part, instances, last.at, last.stopped_at if last.is_stopped else None)


def remedy(one: PartSeen, *, is_unknown: bool) -> str:
    """`is_unknown`: nobody can store a sign of life. Who was stopped before that, or never was there, is missing all the same."""
    return UNKNOWN if is_unknown and one.last_seen is not None and one.stopped_at is None else START[one.part]


def missing(one: PartSeen, now: datetime) -> str:
    if one.stopped_at:
        return f"No {one.part} is running: the last one was stopped at {one.stopped_at:%Y-%m-%d %H:%M:%S} UTC."
    if one.last_seen is None:
        return f"No {one.part} is running."
    if now - one.last_seen > heartbeats.KEPT:
        return f"No {one.part} is running: the last one was seen at {one.last_seen:%Y-%m-%d %H:%M:%S} UTC."
    return f"No {one.part} has been seen for a minute."
