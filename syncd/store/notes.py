"""The register of notes: every note heard of or written, by the id its own system gave it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, insert, select, update

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.core.lifecycle import ErrandState

from .database import Tx
from .tables import errands, notes

DELETED = ""
FORGOTTEN = 0  # in place of an errand: ours, and a restored backup does not know whose


@dataclass(frozen=True, slots=True)
class Standing:
    """What we know of a note that we have heard of or written."""

    digest: str | None  # None: never read since it is known
    known_at: datetime | None
    arrival_id: int | None
    errand_id: int | None = None  # ours

    @property
    def is_deleted(self) -> bool:
        return self.digest == DELETED


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


def of_link(tx: Tx, link_id: int, side: Side) -> dict[str, Standing]:
    """Every note of this record that we know, by its id."""
    columns = (notes.c.note_id, notes.c.digest, notes.c.known_at, notes.c.arrival_id, notes.c.errand_id)
    statement = select(*columns).where(notes.c.link_id == link_id, notes.c.side == side)
    return {row[0]: Standing(*row[1:]) for row in tx.execute(statement)}


def digest_of(text: str) -> str:
    """Blanks do not count: hooks and answers may differ in them."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def add(
    tx: Tx,
    link_id: int,
    side: Side,
    note_id: str,
    now: datetime,
    *,
    text: str = "",
    errand_id: int | None = None,
    arrival_id: int | None = None,
) -> None:
    """Without its text, what it says is learnt when it is read for the first time."""
    values = {"link_id": link_id, "side": side, "note_id": note_id, "errand_id": errand_id, "arrival_id": arrival_id}
    tx.execute(insert(notes).values(**values, known_at=now, digest=digest_of(text) if text else None))


def now_says(tx: Tx, link_id: int, side: Side, note_id: str, text: str) -> None:
    """It was edited, or read for the first time; without a text it was deleted."""
    which = (notes.c.link_id == link_id, notes.c.side == side, notes.c.note_id == note_id)
    tx.execute(update(notes).where(*which).values(digest=digest_of(text) if text else DELETED))


def carried_as(tx: Tx, link_id: int, side: Side, known: Standing) -> str:
    """What was said of it on the other side; or of ours, what we have written."""
    if known.errand_id:
        return tx.execute(select(errands.c.text).where(errands.c.id == known.errand_id)).scalar_one_or_none() or ""
    statement = select(errands.c.text).where(
        errands.c.link_id == link_id, errands.c.side == side.other, errands.c.arrival_id == known.arrival_id
    )
    return tx.execute(statement.where(errands.c.kind == ErrandKind.NOTE).limit(1)).scalar_one_or_none() or ""


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


def is_of(tx: Tx, link_id: int, side: Side, note_id: str, errand_id: int) -> None:
    """A note of the time that a restored backup does not know is this errand's."""
    which = (notes.c.link_id == link_id, notes.c.side == side, notes.c.note_id == note_id)
    tx.execute(update(notes).where(*which, notes.c.errand_id == FORGOTTEN).values(errand_id=errand_id))


def release(tx: Tx, errand_id: int, keep: str) -> list[int]:
    """Notes taken for this errand's that are not: the arrivals that told of them, to be planned again."""
    wrong = (notes.c.errand_id == errand_id, notes.c.note_id != keep)
    statement = delete(notes).where(*wrong).returning(notes.c.arrival_id)
    return [arrival for arrival in tx.scalars(statement) if arrival is not None]


def taken(tx: Tx, link_id: int, side: Side, candidates: Sequence[str]) -> frozenset[str]:
    """Those of these ids that belong to some errand or hook already. What was forgotten is still to be found."""
    if not candidates:
        return frozenset()
    statement = (
        select(notes.c.note_id)
        .where(notes.c.link_id == link_id, notes.c.side == side, notes.c.note_id.in_(candidates))
        .where(func.coalesce(notes.c.errand_id, -1) != FORGOTTEN)
    )
    return frozenset(tx.scalars(statement))
