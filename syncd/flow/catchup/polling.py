"""What a poll need not read again. Each begins before the end of the one before it, since clocks differ, so that a list shows each
change to many of them.

A record is read as soon as a list shows a change of it that is new, and once more when that change is a minute old: by then nothing
that belongs to it lags behind its list, and nothing more can happen in the same moment of a system that counts in seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.core.changes import Field, Side, Status
from syncd.core.gap import CLOCKS_APART
from syncd.store import polled
from syncd.store.database import Tx
from syncd.store.links import StoredLink
from syncd.store.polled import Polled, digest_of
from syncd.store.reconciles import POLLING, Reconcile
from syncd.systems.port import Page

SETTLED = CLOCKS_APART / 2  # a list still shows the change then, unless their clock is far behind ours
KEPT = timedelta(hours=1)  # far longer than a list shows a change to polls that follow each other


@dataclass(frozen=True, slots=True)
class Shown:
    """The changes that one page of a list shows, by link. Of a link that is not named nothing is known."""

    changes: Mapping[int, Collection[str]] = field(default_factory=dict)

    @classmethod
    def by(cls, page: Page, linked: Sequence[StoredLink], side: Side) -> Shown:
        named = {one.ref: {digest_of(name) for name in one.changes} for one in page.seen if one.changes}
        return cls({link.id: named[ref] for link in linked if (ref := link.link.ref(side)) in named})

    def unread(self, tx: Tx, slug: str, now: datetime) -> Unread:
        there = polled.of_links(tx, slug, self.changes.keys())
        due = {
            link_id: [_next(there.get((link_id, one)), link_id, one, now) for one in sorted(digests)]
            for link_id, digests in self.changes.items()
        }
        return Unread({link_id: [one for one in rows if one is not None] for link_id, rows in due.items()})


@dataclass(frozen=True, slots=True)
class Unread:
    """What is to be read for which changes, by link: nothing where all of them have been dealt with."""

    due: Mapping[int, Sequence[Polled]]

    def is_done_with(self, link_id: int) -> bool:
        return link_id in self.due and not self.due[link_id]

    def asked_for(self, tx: Tx, slug: str, hooks: Mapping[int, int]) -> None:
        """With these hooks, by link."""
        due = [(one, hooks[link_id]) for link_id, rows in self.due.items() if link_id in hooks for one in rows]
        polled.put(tx, slug, [Polled(one.link_id, one.digest, one.seen_at, hook, one.is_again) for one, hook in due])


def _next(there: Polled | None, link_id: int, digest: str, now: datetime) -> Polled | None:
    """As it is to be read now; None: it was, or it is too early to do so again."""
    if there is None:
        return Polled(link_id, digest, now, 0, is_again=False)
    is_old = now - there.seen_at >= SETTLED
    if there.is_read and (there.is_again or not is_old):
        return None
    return Polled(link_id, digest, there.seen_at, 0, is_again=is_old)


def is_poll(taken: Reconcile) -> bool:
    """And no more than that: whoever asks for a look, or has lost something, has every record read that has changed."""
    return taken.why == POLLING and not taken.is_deep


def unheard_of(side: Side, missing: Iterable[StoredLink]) -> list[StoredLink]:
    """Of those that no list of open records shows, all but those that are known to be over; what befalls those a log shows."""
    return [one for one in missing if not _is_known_to_be_over(one, side)]


def _is_known_to_be_over(stored: StoredLink, side: Side) -> bool:
    is_merged = bool(stored.link.value(side, Field.MERGED_INTO))
    return is_merged or stored.link.value(side, Field.STATUS) in {Status.RESOLVED, Status.CLOSED}
