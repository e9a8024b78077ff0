"""Links end for good, because what they lead to goes: each change that waits is withdrawn with a row that says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.core.reasons import Outcome, Reason
from syncd.flow import removed, rows
from syncd.store import deliveries, links, removal
from syncd.store.database import Tx
from syncd.store.removal import Going

SHOWN = 5  # cases that are named to whoever orders it
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """How much goes with it."""

    links: int  # whose case or incident is not over, or for which something waits
    cases: tuple[str, ...]  # the newest of them
    waiting: int  # changes that come to nothing

    @property
    def named(self) -> str:
        return ", ".join(self.cases) + (", ..." if self.links > len(self.cases) else "")


def reach(tx: Tx, going: Going) -> Reach:
    count, cases = removal.count_links(tx, going), removal.first_cases(tx, going, SHOWN)
    return Reach(count, tuple(cases), removal.count_errands(tx, going))


def live_reach(tx: Tx, going: Going) -> Reach:
    """Of those links only that somebody still works on: an old one holds nobody up."""
    waiting = removal.with_errands(tx, going)
    live = [one for one in removal.stored(tx, going) if not one.link.is_over or one.id in waiting]
    cases = tuple(one.link.case_id for one in reversed(live[-SHOWN:]))
    return Reach(len(live), cases, removal.count_errands(tx, going))


def end_links(tx: Tx, going: Going, why: str, now: datetime) -> int:
    """How many have ended. What is out when this happens finds its errand ended, and writes nothing down."""
    count = 0
    while ids := removal.link_ids(tx, going, _AT_ONCE):
        held = links.lock_many(tx, ids)
        told = [
            rows.of_errand(
                one, held[one.link_id], now, rows.Ended(Outcome.IGNORED, Reason.REMOVED, removed.said(one, why))
            )
            for one in removal.withdraw(tx, ids)
        ]
        deliveries.record_many(tx, told)
        for stored in held.values():
            links.save(tx, stored, removed.over(stored.link))
            was = f" Its incident was {stored.link.incident_id}." if stored.link.incident_id else ""
            links.explain(tx, stored.id, f"{why}{was}")
        count += len(held)
    return count
