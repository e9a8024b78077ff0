"""Queries that people keep by a name: one's own, and everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from .columns import storable
from .database import Tx
from .tables_of_views import saved_views

EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class SavedView:
    owner: str  # EVERYBODY, or a person
    name: str
    query: str
    saved_by: str
    saved_at: datetime


def of(tx: Tx, person: str) -> Sequence[SavedView]:
    """One's own first, each by their names."""
    owners = [EVERYBODY, storable(person)]
    order = ((saved_views.c.owner == EVERYBODY), saved_views.c.name)
    rows = tx.execute(select(saved_views).where(saved_views.c.owner.in_(owners)).order_by(*order))
    return [SavedView(row.owner, row.name, row.query, row.saved_by, row.saved_at) for row in rows]


def count(tx: Tx, owner: str) -> int:
    return tx.execute(select(func.count()).where(saved_views.c.owner == storable(owner))).scalar_one()


def put(tx: Tx, view: SavedView) -> bool:
    """True: it takes the place of one of its name."""
    values = {name: storable(value) for name, value in asdict(view).items()}
    key = (saved_views.c.owner == values["owner"], saved_views.c.name == values["name"])
    is_there = tx.execute(select(saved_views.c.name).where(*key)).one_or_none() is not None
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    new = {name: values[name] for name in ("query", "saved_by", "saved_at")}
    statement = dialect(saved_views).values(values)
    tx.execute(statement.on_conflict_do_update(index_elements=["owner", "name"], set_=new))
    return is_there


def remove(tx: Tx, owner: str, name: str) -> bool:
    """False: there was none."""
    mine = (saved_views.c.owner == storable(owner), saved_views.c.name == storable(name))
    return tx.execute(delete(saved_views).where(*mine)).rowcount == 1
