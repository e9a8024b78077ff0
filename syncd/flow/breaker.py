"""Two automations that undo each other are stopped: a link that is written to too often in a minute is paused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from syncd.core.changes import Side
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.reasons import Outcome, Reason
from syncd.store import holds, links, loops
from syncd.store.errands import Spot, StoredErrand
from syncd.store.links import StoredLink

from . import rows
from .turn import Turn

WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Breaker:
    """What was written within the last minute, to the links of one claim."""

    made: Mapping[Spot, int]

    @classmethod
    def of(cls, turn: Turn, heads: Sequence[StoredErrand]) -> Breaker:
        counted = {one.link_id for one in heads if _most(turn, one.errand.kind) is not None}
        return cls(loops.made(turn.tx, sorted(counted), turn.now - WITHIN))

    def would_loop(self, turn: Turn, stored: StoredErrand) -> bool:
        """Whether this write would be one too many. A replay was asked for by a person, who sees what comes of it."""
        most = _most(turn, stored.errand.kind)
        return most is not None and stored.replay is None and self._count(stored) >= most

    def stop(self, turn: Turn, stored: StoredErrand, link: StoredLink) -> None:
        """Both sides of the link keep what is for them until a person lets it go on. Each has its row, and there is one alarm."""
        why = _sentence(stored, self._count(stored) + 1)
        after = turn.save(link, replace(link.link, is_paused=True))
        links.explain_pause(turn.tx, link.id, why, turn.now)
        turn.flush()  # What has been claimed already is out, and is not held.
        for side in Side:
            for one in holds.hold_lane(turn.tx, link.id, side, Reason.PAUSED):
                reason = Reason.LOOPING if one.id == stored.id else Reason.PAUSED
                turn.say(rows.of_errand(one, after, turn.now, rows.Ended(Outcome.HELD, reason, why)))
        turn.alarms.append((Reason.LOOPING, after))

    def _count(self, stored: StoredErrand) -> int:
        return self.made.get((stored.link_id, stored.errand.side, stored.errand.kind), 0)


def _most(turn: Turn, kind: ErrandKind) -> int | None:
    if kind in FIELD_OF_WISH:
        return turn.most.changes
    return turn.most.notes if kind is ErrandKind.NOTE else None


def _sentence(stored: StoredErrand, count: int) -> str:
    what = "notes" if stored.errand.kind is ErrandKind.NOTE else f"writes of {stored.errand.kind.replace('_', ' ')}"
    return (
        f"Paused by syncd: {count} {what} to the {stored.errand.side} in a minute; do two automations undo each other?"
    )
