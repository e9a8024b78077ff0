"""Collectings of datasets: asked for, taken by one worker at a time, and kept as history.

Whoever has taken one is known by the end of his lease: what somebody slower still wants to write is not written.
"""

from __future__ import annotations

from collections.abc import Collection as Among
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, or_, select, update

from syncd.store.columns import says, storable
from syncd.store.database import Tx
from syncd.store.tables_of_accounts import integrations
from syncd.store.tables_of_evidence import evidence_collections as kept

LEASE = timedelta(minutes=2)  # renewed with every answer, and before every wait
_SOME = 20  # looked back at, at a time
WAITING, RUNNING, DONE = "waiting", "running", "done"


@dataclass(frozen=True, slots=True)
class Collection:
    id: int
    integration: str
    dataset: str
    due_at: datetime | None
    asked_at: datetime
    asked_by: str
    since: datetime | None
    state: str
    next_at: datetime
    lease_until: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    detail: str
    tries: int
    requests: int
    pages: int
    records: int
    settings: Mapping[str, Any]
    covers: Sequence[Sequence[str]]
    missing: Sequence[Mapping[str, str]]
    sights: Sequence[Mapping[str, str]]  # the oldest first


def ask(
    tx: Tx, slug: str, dataset: str, *, due_at: datetime | None, since: datetime | None, by: str, now: datetime
) -> Collection | None:
    """None: one is under way, and was begun without this beginning. One that only waits takes it over."""
    _hold_others_back(tx, slug)
    there = under_way(tx, slug, dataset)
    if there is None:
        values = {"integration": slug, "dataset": dataset, "due_at": due_at, "since": since, "asked_by": storable(by)}
        more = {
            "asked_at": now,
            "state": WAITING,
            "next_at": now,
            "settings": {},
            "covers": [],
            "missing": [],
            "sights": [],
        }
        return _read(tx.execute(insert(kept).values(**values, **more).returning(kept)).one())
    if since is None:
        return there
    if there.begun_at is not None:
        return None
    earlier = since if there.since is None else min(since, there.since)
    asked = update(kept).where(kept.c.id == there.id, kept.c.begun_at.is_(None)).values(since=earlier)
    row = tx.execute(asked.returning(kept)).one_or_none()
    return None if row is None else _read(row)


def _hold_others_back(tx: Tx, slug: str) -> None:
    """Of several who want one of an account only one may find that there is none."""
    tx.execute(select(integrations.c.slug).where(integrations.c.slug == slug).with_for_update())


def hasten(tx: Tx, number: int, now: datetime) -> None:
    """Somebody waits for it: what it was put off for may be over."""
    waits = (kept.c.id == number, says(kept.c.state, WAITING), kept.c.next_at > now)
    tx.execute(update(kept).where(*waits).values(next_at=now))


def go_on(tx: Tx, slug: str, now: datetime) -> None:
    """The account answers again: what it was put off for is over, and is told no more."""
    waits = (kept.c.integration == slug, says(kept.c.state, WAITING), kept.c.detail != "")
    tx.execute(update(kept).where(*waits).values(detail="", next_at=now))


def is_any_due(tx: Tx, now: datetime, among: Among[str]) -> bool:
    return bool(among) and tx.execute(_due(now, among).limit(1)).first() is not None


def take(tx: Tx, now: datetime, among: Among[str], only: Among[int] = ()) -> Collection | None:
    """The next one of these accounts that is due, or that whoever had it has left behind. `only`: of these alone."""
    if not among:
        return None
    due = _due(now, among).limit(1).with_for_update(skip_locked=True, of=kept)
    row = tx.execute(due.where(kept.c.id.in_(only)) if only else due).one_or_none()
    if row is None:
        return None
    taken = _read(row)
    until = now + LEASE
    values = {"state": RUNNING, "lease_until": until, "begun_at": taken.begun_at or now}
    tx.execute(update(kept).where(kept.c.id == taken.id).values(**values))
    return replace(taken, state=RUNNING, lease_until=until, begun_at=taken.begun_at or now)


def _due(now: datetime, among: Among[str]) -> Select[Any]:
    """An account that has asked for a rest is left alone until it is over."""
    is_left = and_(says(kept.c.state, RUNNING), kept.c.lease_until < now)
    is_due = or_(and_(says(kept.c.state, WAITING), kept.c.next_at <= now), is_left)
    rests = or_(integrations.c.rests_until.is_(None), integrations.c.rests_until <= now)
    joined = select(kept).join(integrations, integrations.c.slug == kept.c.integration)
    return joined.where(is_due, rests, kept.c.integration.in_(among)).order_by(kept.c.id)


def _is_his(taken: Collection) -> ColumnElement[bool]:
    return and_(kept.c.id == taken.id, says(kept.c.state, RUNNING), kept.c.lease_until == taken.lease_until)


def _changed(tx: Tx, taken: Collection, **values: Any) -> Collection | None:  # noqa: ANN401  columns of several types
    """As it is his from now on. None: it is somebody else's by now, and nothing was written."""
    row = tx.execute(update(kept).where(_is_his(taken)).values(**values).returning(kept)).one_or_none()
    return None if row is None else _read(row)


def begin(tx: Tx, taken: Collection, settings: Mapping[str, Any], now: datetime) -> Collection | None:
    return _changed(tx, taken, settings=dict(settings), lease_until=now + LEASE)


def went_on(tx: Tx, taken: Collection, now: datetime) -> Collection | None:
    """One more answer is kept, in this transaction."""
    more = {"requests": kept.c.requests + 1, "pages": kept.c.pages + 1}
    return _changed(tx, taken, lease_until=now + LEASE, tries=0, detail="", **more)


def saw(tx: Tx, taken: Collection, sight: Mapping[str, str], now: datetime, *, requests: int) -> Collection | None:
    """What its key sees at this moment is kept with it."""
    more = {"sights": [*taken.sights, dict(sight)], "requests": kept.c.requests + requests}
    return _changed(tx, taken, lease_until=now + LEASE, **more)


def renew(tx: Tx, taken: Collection, now: datetime) -> Collection | None:
    return _changed(tx, taken, lease_until=now + LEASE)


def put_off(tx: Tx, taken: Collection, detail: str, next_at: datetime, *, requests: int, tries: int) -> None:
    """It goes on where it stopped."""
    counted = {"requests": kept.c.requests + requests, "tries": tries, "detail": storable(detail)}
    _changed(tx, taken, state=WAITING, next_at=next_at, lease_until=None, **counted)


@dataclass(frozen=True, slots=True)
class Outcome:
    records: int
    covers: Sequence[Sequence[str]]
    missing: Sequence[Mapping[str, str]]
    how: str = ""  # by which strategy logs were read


def finish(tx: Tx, taken: Collection, outcome: Outcome, now: datetime) -> bool:
    """False: it is somebody else's by now."""
    came_to = {
        "records": outcome.records,
        "covers": list(outcome.covers),
        "missing": [dict(one) for one in outcome.missing],
        "settings": {**taken.settings, **({"logs": outcome.how} if outcome.how else {})},
    }
    return _changed(tx, taken, state=DONE, ended_at=now, lease_until=None, detail="", **came_to) is not None


def get(tx: Tx, number: int) -> Collection | None:
    row = tx.execute(select(kept).where(kept.c.id == number)).one_or_none()
    return None if row is None else _read(row)


def under_way(tx: Tx, slug: str, dataset: str) -> Collection | None:
    mine = (kept.c.integration == slug, kept.c.dataset == dataset, ~says(kept.c.state, DONE))
    row = tx.execute(select(kept).where(*mine)).one_or_none()
    return None if row is None else _read(row)


def latest(tx: Tx, slug: str, dataset: str, at: datetime) -> Collection | None:
    """The last one that had come to its end by then."""
    row = tx.execute(_ended(slug, dataset, at).order_by(kept.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _read(row)


def ended_before(tx: Tx, slug: str, dataset: str, at: datetime) -> Iterator[Collection]:
    """Those that had come to their ends by then, the last one first; some at a time, since nearly always the first is asked for alone."""
    before: int | None = None
    while True:
        earlier = () if before is None else (kept.c.id < before,)
        which = _ended(slug, dataset, at).where(*earlier).order_by(kept.c.id.desc()).limit(_SOME)
        some = [_read(row) for row in tx.execute(which)]
        yield from some
        if len(some) < _SOME:
            return
        before = some[-1].id


def last_sight(tx: Tx, slug: str, datasets: Among[str]) -> Mapping[str, str] | None:
    """What the account's key was last found to see, by a collecting that has ended."""
    mine = (kept.c.integration == slug, kept.c.dataset.in_(datasets), says(kept.c.state, DONE))
    last = select(kept.c.sights).where(*mine).order_by(kept.c.ended_at.desc(), kept.c.id.desc()).limit(1)
    sights: Sequence[Mapping[str, str]] = tx.execute(last).scalar_one_or_none() or ()
    return sights[-1] if sights else None


def first(tx: Tx, slug: str, dataset: str, at: datetime) -> Collection | None:
    row = tx.execute(_ended(slug, dataset, at).order_by(kept.c.id).limit(1)).one_or_none()
    return None if row is None else _read(row)


def is_any_ended(tx: Tx, slug: str, dataset: str) -> bool:
    mine = (kept.c.integration == slug, kept.c.dataset == dataset, says(kept.c.state, DONE))
    return tx.execute(select(kept.c.id).where(*mine).limit(1)).first() is not None


def ended_within(tx: Tx, slug: str, dataset: str, start: datetime, at: datetime) -> list[Collection]:
    which = _ended(slug, dataset, at).where(kept.c.ended_at >= start).order_by(kept.c.id)
    return [_read(row) for row in tx.execute(which)]


def due_since(tx: Tx, slug: str, dataset: str, start: datetime) -> list[Collection]:
    """Those that were due from then on, whatever has become of them."""
    mine = (kept.c.integration == slug, kept.c.dataset == dataset, kept.c.due_at >= start)
    return [_read(row) for row in tx.execute(select(kept).where(*mine).order_by(kept.c.due_at))]


def first_due(tx: Tx, slug: str) -> dict[str, datetime]:
    """When each dataset was due for the first time."""
    which = select(kept.c.dataset, func.min(kept.c.due_at)).where(
        kept.c.integration == slug, kept.c.due_at.is_not(None)
    )
    return {row[0]: row[1] for row in tx.execute(which.group_by(kept.c.dataset)) if row[1] is not None}


def last_due(tx: Tx) -> dict[tuple[str, str], datetime]:
    which = select(kept.c.integration, kept.c.dataset, func.max(kept.c.due_at)).where(kept.c.due_at.is_not(None))
    grouped = which.group_by(kept.c.integration, kept.c.dataset)
    return {(row[0], row[1]): row[2] for row in tx.execute(grouped) if row[2] is not None}


def to_come(tx: Tx) -> set[tuple[str, str]]:
    """Not at their ends yet: of which account, and which dataset."""
    which = select(kept.c.integration, kept.c.dataset).where(~says(kept.c.state, DONE))
    return {(row[0], row[1]) for row in tx.execute(which)}


def forget_to_come(tx: Tx, slug: str) -> None:
    """Of an account that goes, or is not collected from any more: what has not begun. What was collected stays."""
    not_begun = (kept.c.integration == slug, ~says(kept.c.state, DONE), kept.c.pages == 0)
    tx.execute(delete(kept).where(*not_begun))


def _ended(slug: str, dataset: str, at: datetime) -> Select[Any]:
    mine = (kept.c.integration == slug, kept.c.dataset == dataset, says(kept.c.state, DONE), kept.c.ended_at <= at)
    return select(kept).where(*mine)


def _read(row: Row[Any]) -> Collection:
    return Collection(**row._mapping)  # noqa: SLF001  SQLAlchemy's own name for it
