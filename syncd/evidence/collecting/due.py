"""What is due of which account: each dataset by its interval, and whatever a person asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.connection import STILL_READ
from syncd.core.diagnostics import CATALOGUE
from syncd.errors import Conflict, Misconfigured, NotFound, cause_of
from syncd.evidence.facts.dataset import EVERY, Name
from syncd.store import integrations
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections
from syncd.store.integrations import Integration

from .catalogue import COURSES, WITH, is_collected

#: What has a time, so that more of it can be asked for than was collected.
BACKFILLED = (Name.INCIDENTS, Name.AUDIT)


@dataclass(frozen=True, slots=True)
class _Due:
    slug: str
    dataset: Name
    at: datetime


def ready(tx: Tx) -> list[str]:
    """Accounts that are collected from, and can be read now."""
    return [one.slug for one in integrations.all_of(tx).values() if one.gives_evidence and not why_not(one)]


def why_not(one: Integration) -> str:
    """Why an account cannot be read now; nothing, where it can."""
    if one.is_paused:
        return one.why_paused
    return "" if one.is_connected or one.code in STILL_READ else one.reason


def ask_where_due(db: Database, roster: str) -> None:
    """Asked before it is written: nearly always nothing is due, and the database has one writer only."""
    with db.read() as tx:
        if not any(_due(tx, db.now(tx), roster)):
            return
    with db.write() as tx:
        now = db.now(tx)
        for one in list(_due(tx, now, roster)):
            collections.ask(tx, one.slug, one.dataset, due_at=one.at, since=None, by="", now=now)


def _due(tx: Tx, now: datetime, roster: str) -> Iterator[_Due]:
    """The last moment that has come of those when it is due; of earlier ones that nobody was there for, nothing comes any more."""
    accounts = ready(tx)
    if not accounts:
        return
    last, to_come = collections.last_due(tx), collections.to_come(tx)
    for slug in accounts:
        for name in COURSES:
            if (slug, name) in to_come or not is_collected(name, roster):
                continue
            at = due_next(last.get((slug, name)), EVERY[name], now)
            if at is not None:
                yield _Due(slug, name, at)


def due_next(last: datetime | None, every: timedelta, now: datetime) -> datetime | None:
    if last is None:
        return now
    passed = (now - last) // every
    return last + passed * every if passed > 0 else None


def ask(
    db: Database, slug: str, names: Collection[Name], *, since: datetime | None, by: str, roster: str = ""
) -> list[int]:
    """Collect these now, or all there are. Those that are under way already are joined."""
    with db.write() as tx:
        now = db.now(tx)
        refuse(integrations.get(tx, slug), slug)
        if since is not None and since > now:
            raise Misconfigured(f"{since:%Y-%m-%d %H:%M} UTC is still to come; name a moment that has been.")
        asked: list[int] = []
        last = collections.last_due(tx)
        for name in _chosen(names, roster, since):
            from_then = since if name in BACKFILLED else None
            # What was due anyway is that one: nobody reads it again for the same time.
            due_at = due_next(last.get((slug, name)), EVERY[name], now)
            it = collections.ask(tx, slug, name, due_at=due_at, since=from_then, by=by, now=now)
            if it is None:
                raise Conflict(
                    f"{name.replace('_', ' ')} of {slug} are being collected, and from a later moment on; ask again when that has ended."
                )
            collections.hasten(tx, it.id, now)
            asked.append(it.id)
    return asked


def refuse(it: Integration | None, slug: str) -> None:
    """Where nothing can be collected, whoever waits for it."""
    if it is None:
        raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
    if not it.gives_evidence:
        raise Conflict(
            f"Nothing is collected from {slug}; `syncd integrations set {slug} --evidence on` switches that on."
        )
    if why_not(it):
        raise Conflict(f"{slug} cannot be read now: {cause_of(why_not(it))}. {_cure(it)}")


def _cure(it: Integration) -> str:
    if it.is_paused:
        return f"`syncd integrations resume {it.slug}` lets it go on."
    known = CATALOGUE.get(it.code)
    if known is None:
        return f"`syncd integrations test {it.slug}` says what helps."
    return known.cured(it.slug, is_by_oauth=it.is_by_oauth)


def _chosen(names: Collection[Name], roster: str, since: datetime | None) -> list[Name]:
    """In the order of the courses. With a beginning, what can have one."""
    wanted = {WITH.get(one, one) for one in names} or (set(BACKFILLED) if since is not None else set(COURSES))
    if strange := sorted(wanted - set(COURSES)):
        raise Misconfigured(f"{strange[0]} are not collected, they are our own; there are {', '.join(COURSES)}.")
    if Name.ROSTER in names and not roster:
        raise Misconfigured("There is no list of people; name a CSV file by the setting evidence_roster.")
    if since is not None and not wanted & set(BACKFILLED):
        told = " and ".join(BACKFILLED)
        raise Misconfigured(
            f"Only {told} can be collected from an earlier moment on; of the rest the past is not known."
        )
    return [one for one in COURSES if one in wanted and is_collected(one, roster)]
