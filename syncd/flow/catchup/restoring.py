"""A backup was restored: what was done since it was made is forgotten here and stands over there.

Everything that may have been done is looked for before it is written, and nothing is written for a link before both its
accounts, and its own records, have been read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from syncd import errors
from syncd.core.reasons import Reason
from syncd.core.retry import LANDS_WITHIN
from syncd.flow.accounts import cure, may_read
from syncd.flow.finding import Finding, counted
from syncd.flow.look import RECONCILE
from syncd.store import gaps, holds, integrations, polled, reconciles, watches
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was made of it."""

    since: datetime
    until: datetime
    accounts: Sequence[str]  # that are read again
    doubted: int  # errands that look before they write
    numbers_from: int | None = None  # of the next built-in case, where there are such

    @property
    def told(self) -> str:
        """What follows from it, for whoever restored it."""
        backup = f"The backup is of {self.since:%Y-%m-%d %H:%M:%S} UTC."
        if not self.accounts:
            return f"{backup} No account outside is connected, so there is nothing to be read again."
        looks = counted(self.doubted, "waiting write looks", "waiting writes look")
        return (
            f"{backup} What has changed since is read from {', '.join(self.accounts)} first, and {looks} before writing. "
            "Built-in cases that were opened since are lost: once all is read, `syncd restored --lost` lists their incidents."
        )


def restored(db: Database, *, by: str, since: datetime | None = None) -> Restored:
    """Before any part starts. `since` is when the backup was made, where somebody knows better than the database itself.

    Said twice, or of a database that was never restored, it costs a look over what has changed lately and nothing else.
    """
    with db.write() as tx:
        now, accounts = db.now(tx), integrations.all_of(tx)
        since = since or gaps.last_sign_of_life(tx) or _oldest(accounts, now)
        if since > now:
            raise errors.Misconfigured(f"{since:%Y-%m-%d %H:%M} UTC is still to come; name when the backup was made.")
        done = _marked(tx, accounts, since, now, by)
    log.warning(
        "backup.restored",
        since=done.since.isoformat(),
        by=by,
        accounts=list(done.accounts),
        errands_in_doubt=done.doubted,
        numbers_from=done.numbers_from,
    )
    return done


def _oldest(accounts: Mapping[str, Integration], now: datetime) -> datetime:
    """A database that no part ever worked on has not begun before its first account."""
    return min((one.created_at for one in accounts.values() if one.created_at is not None), default=now)


def _marked(tx: Tx, accounts: Mapping[str, Integration], since: datetime, now: datetime, by: str) -> Restored:
    read = [one for one in accounts.values() if one.can_be_read]  # Who only takes events would be waited for in vain.
    far = [one.slug for one in read if one.is_far]
    ours = [one.slug for one in read if not one.is_far]
    for slug in far:
        gaps.begin(tx, slug, since, now)
        polled.distrust(tx, slug)
        # The times in it are those of the backup, and subscriptions may have been made or deleted since.
        watches.hasten(tx, slug, now)
        reconciles.ask(tx, slug, since, why="restored", by=by, now=now)
    doubted = sum(gaps.doubt(tx, slug, now + LANDS_WITHIN) for slug in far)
    numbered = [gaps.number_on(tx, slug) for slug in ours]
    return Restored(since, now, far, doubted, max(numbered, default=None))


def go_on(tx: Tx, accounts: Iterable[Integration], now: datetime) -> list[int]:
    """Accounts that have been read by now, and what waited for that. The shards to wake."""
    for one in accounts:
        if one.is_unread and gaps.is_read(tx, one.slug, RECONCILE):
            gaps.end(tx, one.slug, now)
            log.info("restored.read", integration=one.slug)
    return holds.let_go_of_read(tx, Reason.RESTORED)


def findings(accounts: Iterable[Integration], held: Mapping[str, int]) -> list[Finding]:
    """As long as it goes on. `held` counts changes by the account that they would go to."""
    return [
        Finding(
            f"A backup of {one.gap.since:%Y-%m-%d %H:%M} UTC was restored, and what has changed since then in {one.slug} is "
            "not read yet; until then nothing is written for its cases and incidents.",
            _remedy(one),
        )
        for one in accounts
        if one.gap is not None and not one.gap.is_read
    ] + _held(held)


def _remedy(one: Integration) -> str:
    if one.is_paused:
        return f"It is paused; `syncd integrations resume {one.slug}` lets that go on."
    if not may_read(one):
        return cure(one)
    return f"That goes on by itself; see that a worker runs, and whether it can be read: `syncd integrations test {one.slug}`."


def _held(held: Mapping[str, int]) -> list[Finding]:
    if not held:
        return []
    what = f"{counted(sum(held.values()), 'change is', 'changes are')} held until a restored backup has been caught up with."
    return [Finding(what, "They go on by themselves, each after a look whether it was done already.")]
