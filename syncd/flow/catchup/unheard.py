"""When an account is to be looked over: a person asks, a receiver was away, no hook can reach us, or a day has gone by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd import errors
from syncd.core.changes import Side
from syncd.flow.accounts import may_read
from syncd.flow.catchup.polling import KEPT
from syncd.store import connectors, heartbeats, integrations, marks, polled, reconciles
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration

POLLED_EVERY = timedelta(seconds=15)
READ_EVERY = timedelta(days=1)
FURTHEST = timedelta(days=730)  # back, that a person may ask for
FAILED_EVERY = timedelta(
    minutes=10
)  # at most, of looks that nobody has asked for: the next would be refused as the last was
SILENCE = timedelta(minutes=5)  # of all receivers; after a shorter one only what has changed since is asked for


@dataclass(frozen=True, slots=True)
class _Due:
    slug: str
    since: datetime
    why: str
    is_deep: bool = False


def ask(db: Database, slug: str, since: datetime, *, by: str, is_deep: bool = False) -> list[int]:
    """Look over everything that this account may have changed since then; every account, when none is named."""
    with db.write() as tx:
        now, accounts = db.now(tx), integrations.all_of(tx)
        if slug and slug not in accounts:
            raise errors.NotFound(
                f"There is no integration called {slug}; `syncd integrations list` shows those there are."
            )
        if since > now:
            raise errors.Misconfigured(f"{since:%Y-%m-%d %H:%M} UTC is still to come; name a moment that has been.")
        if now - since > FURTHEST:
            raise errors.Misconfigured(
                f"{since:%Y-%m-%d %H:%M} UTC is more than {FURTHEST.days} days ago, and no look goes further back; name a later moment, "
                "with --deep to have every record that is not over read whenever it changed."
            )
        if slug and not accounts[slug].can_be_read:
            raise errors.Conflict(f"{slug} only sends, so that nothing there can be looked over.")
        slugs = [slug] if slug else sorted(accounts)
        missing = [one for one in slugs if _is_looked_over(accounts[one])]
        return [
            reconciles.ask(tx, one, begin(accounts[one], since), why=reconciles.ASKED, by=by, now=now, is_deep=is_deep)
            for one in missing
        ]


def begin(one: Integration, since: datetime) -> datetime:
    """An incident of ours was opened after its account was added. A case may be older, and be asked for all the same."""
    added_at = one.created_at
    return since if added_at is None or one.side is not Side.INCIDENT else max(since, added_at)


def ask_where_due(db: Database) -> None:
    """Asked before it is written: nearly always nothing is due, and the database has one writer only."""
    with db.read() as tx:
        if not any(_due(tx, db.now(tx))):
            return
    with db.write() as tx:
        now = db.now(tx)
        for one in list(_due(tx, now)):
            reconciles.ask(tx, one.slug, one.since, why=one.why, by="", now=now, is_deep=one.is_deep)
            reconciles.forget_polls(tx, one.slug)
            polled.forget(tx, one.slug, now - KEPT)


def after_absence(db: Database) -> None:
    """A receiver starts: what happened while there was none is looked for, rather than waited for.

    Also when it was away for seconds only: a sender need not repeat a hook that found nobody.
    """
    with db.write() as tx:
        now = db.now(tx)
        heard = [one.at for one in heartbeats.latest(tx) if one.part == "receiver"]
        if not heard:
            return
        is_brief = now - max(heard) < SILENCE
        why = "restart" if is_brief else "downtime"
        for one in _used(tx):
            if not (is_brief and _is_polled(tx, one)):
                reconciles.ask(tx, one.slug, max(heard), why=why, by="", now=now, is_brief=is_brief)


def _due(tx: Tx, now: datetime) -> Iterator[_Due]:
    failed = {one.slug: one.ended_at for one in reconciles.failed(tx)}
    for one in _used(tx):
        if one.slug in failed and now - failed[one.slug] < FAILED_EVERY:
            continue
        if (daily := _of_the_day(tx, one, now)) is not None:
            yield daily
        elif (poll := _poll(tx, one, now)) is not None:
            yield poll


def _of_the_day(tx: Tx, one: Integration, now: datetime) -> _Due | None:
    """No hook and no list tells of a note that was edited or deleted: each record that is not over is read once a day.

    One that has not come to its end in a day is not asked for again: it would begin anew each time.
    """
    if reconciles.is_deep_to_come(tx, one.slug):
        return None
    last = marks.of(tx, one.slug).read_until
    return _Due(one.slug, last, "daily", is_deep=True) if now - last >= READ_EVERY else None


def _poll(tx: Tx, one: Integration, now: datetime) -> _Due | None:
    """An account whose hooks cannot reach us, from where looks have come without a gap.

    One that is held back goes on from there later.
    """
    if not (may_read(one) and _is_polled(tx, one)):
        return None
    last = reconciles.latest(tx, one.slug)
    is_due = last is None or (last["state"] == "done" and last["asked_at"] <= now - POLLED_EVERY)
    return _Due(one.slug, marks.of(tx, one.slug).listed_until, reconciles.POLLING) if is_due else None


def _is_polled(tx: Tx, one: Integration) -> bool:
    """Nothing is missed while no receiver runs, as nothing is heard at other times."""
    return not integrations.hook_secrets_of(tx, one.slug)


def _used(tx: Tx) -> list[Integration]:
    accounts = integrations.all_of(tx).values()
    return [one for one in accounts if _is_looked_over(one) and connectors.using(tx, one.slug)]


def _is_looked_over(one: Integration) -> bool:
    return one.is_far and one.can_be_read
