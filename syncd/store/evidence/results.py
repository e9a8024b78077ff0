"""What became of each check at each judging, and since when each subject has been wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncd.store.columns import storable
from syncd.store.database import Tx
from syncd.store.tables_of_answers import evidence_exceptions as exceptions
from syncd.store.tables_of_answers import evidence_results as results


@dataclass(frozen=True, slots=True)
class Judged:
    """One check at one judging."""

    check: str
    at: datetime
    result: str
    judged: int = 0
    wrong: int = 0
    accepted: int = 0
    unread: int = 0


def add(tx: Tx, slug: str, rows: Iterable[Judged]) -> None:
    values = [_values(slug, one) for one in rows]
    if values:
        tx.execute(insert(results), values)


def _values(slug: str, one: Judged) -> dict[str, object]:
    counts = {"judged": one.judged, "wrong": one.wrong, "accepted": one.accepted, "unread": one.unread}
    return {"integration": slug, "judged_at": one.at, "check_id": one.check, "result": one.result, **counts}


def latest(tx: Tx, slug: str) -> Mapping[str, Judged]:
    """Of each check the newest."""
    newest = select(func.max(results.c.id)).where(results.c.integration == slug).group_by(results.c.check_id)
    return {row.check_id: _judged(row) for row in tx.execute(select(results).where(results.c.id.in_(newest)))}


def between(tx: Tx, slug: str, since: datetime, until: datetime) -> Sequence[Judged]:
    """The oldest first; what came at `until` is left out."""
    which = (results.c.integration == slug, results.c.judged_at >= since, results.c.judged_at < until)
    return [_judged(row) for row in tx.execute(select(results).where(*which).order_by(results.c.id))]


def _judged(row: object) -> Judged:
    return Judged(
        row.check_id,  # type: ignore[attr-defined]
        row.judged_at,  # type: ignore[attr-defined]
        row.result,  # type: ignore[attr-defined]
        row.judged,  # type: ignore[attr-defined]
        row.wrong,  # type: ignore[attr-defined]
        row.accepted,  # type: ignore[attr-defined]
        row.unread,  # type: ignore[attr-defined]
    )


Subject = tuple[str, str]  # a check's id, and the subject's


def first_seen(tx: Tx, slug: str, at: datetime | None = None) -> Mapping[Subject, datetime]:
    """Since when each has been wrong that is wrong, or was at that time."""
    which = [exceptions.c.integration == slug]
    if at is None:
        which.append(exceptions.c.gone_at.is_(None))
    else:
        which += [exceptions.c.first_seen <= at, or_(exceptions.c.gone_at.is_(None), exceptions.c.gone_at > at)]
    return {(row.check_id, row.subject): row.first_seen for row in tx.execute(select(exceptions).where(*which))}


def came(tx: Tx, slug: str, subjects: Collection[Subject], at: datetime) -> None:
    values = [
        {"integration": slug, "check_id": check, "subject": storable(subject), "first_seen": at}
        for check, subject in sorted(subjects)
    ]
    if values:
        # Somebody else may judge the same account at this moment.
        dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        tx.execute(dialect(exceptions).on_conflict_do_nothing(), values)


def went(tx: Tx, slug: str, subjects: Collection[Subject], at: datetime) -> None:
    for check, subject in sorted(subjects):
        which = (exceptions.c.integration == slug, exceptions.c.check_id == check, exceptions.c.subject == subject)
        tx.execute(update(exceptions).where(*which, exceptions.c.gone_at.is_(None)).values(gone_at=at))
