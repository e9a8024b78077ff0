"""The register of notes: every note heard of or written, by the id its own system gave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, insert, select, update

from syncd.core.changes import Side
from syncd.core.lifecycle import ErrandState

from .database import Tx
from .tables import errands, notes


@dataclass(frozen=True, slots=True)
class Registered:
    errand_id: int | None  # ours
    arrival_id: int | None


def find(tx: Tx, link_id: int, side: Side, note_id: str) -> Registered | None:
    statement = select(notes.c.errand_id, notes.c.arrival_id).where(
        notes.c.link_id == link_id, notes.c.side == side, notes.c.note_id == note_id
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else Registered(row.errand_id, row.arrival_id)


def ids(tx: Tx, link_id: int, side: Side) -> frozenset[str]:
    return frozenset(tx.scalars(select(notes.c.note_id).where(notes.c.link_id == link_id, notes.c.side == side)))


def add(
    tx: Tx, link_id: int, side: Side, note_id: str, *, errand_id: int | None = None, arrival_id: int | None = None
) -> None:
    tx.execute(
        insert(notes).values(link_id=link_id, side=side, note_id=note_id, errand_id=errand_id, arrival_id=arrival_id)
    )


def heard(tx: Tx, link_id: int, side: Side, note_id: str, arrival_id: int) -> None:
    """The hook of a note of ours has come."""
    which = (notes.c.link_id == link_id, notes.c.side == side, notes.c.note_id == note_id)
    tx.execute(update(notes).where(*which).values(arrival_id=arrival_id))


def unheard(tx: Tx, link_id: int, side: Side, text: str) -> int | None:
    """An errand whose note with these words stands there, and whose hook has not come."""
    told = notes.alias("told")
    statement = (
        select(errands.c.id)
        .where(errands.c.link_id == link_id, errands.c.side == side, errands.c.text == text)
        .where(errands.c.state == ErrandState.DELIVERED, errands.c.far_id != "")
        .where(~exists().where(told.c.errand_id == errands.c.id, told.c.arrival_id.is_not(None)))
        .order_by(errands.c.id)
        .limit(1)
    )
    return tx.execute(statement).scalar_one_or_none()


def release(tx: Tx, errand_id: int, keep: str) -> list[int]:
    """Notes taken for this errand's that are not: the arrivals that told of them, to be planned again."""
    wrong = (notes.c.errand_id == errand_id, notes.c.note_id != keep)
    statement = delete(notes).where(*wrong).returning(notes.c.arrival_id)
    return [arrival for arrival in tx.scalars(statement) if arrival is not None]


def taken(tx: Tx, link_id: int, side: Side, candidates: Sequence[str]) -> frozenset[str]:
    """Those of these ids that belong to some errand or hook already."""
    if not candidates:
        return frozenset()
    statement = select(notes.c.note_id).where(
        notes.c.link_id == link_id, notes.c.side == side, notes.c.note_id.in_(candidates)
    )
    return frozenset(tx.scalars(statement))
