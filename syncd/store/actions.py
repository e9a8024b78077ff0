"""The action log. A row is written before something is done and ended afterwards, once; the database refuses anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from syncd.core.deeds import Deed, End, KnownAs, Taken, Way
from syncd.errors import NotFound

from .columns import storable
from .database import Tx
from .tables_of_actions import actions

_BEYOND = 2**63  # no database here counts that far


@dataclass(frozen=True, slots=True)
class Logged:
    id: int
    at: datetime
    who: str
    known_as: KnownAs
    way: Way
    action: str
    act: str
    named: Mapping[str, str]
    outcome: End
    status: int | None
    detail: str
    ended_at: datetime | None
    taken: Taken | None


@dataclass(frozen=True, slots=True)
class Asked:
    """All of it must hold; what is empty does not matter."""

    who: str = ""
    action: str = ""
    way: str = ""
    outcome: str = ""
    since: datetime | None = None


def begin(tx: Tx, deed: Deed, now: datetime) -> int:
    return _add(tx, deed, now, {"outcome": End.BEGUN})


def add(tx: Tx, deed: Deed, now: datetime, end: End, status: int, detail: str) -> int:
    """What has ended already, such as a refusal."""
    return _add(tx, deed, now, {"outcome": end, "status": status, "detail": detail, "ended_at": now})


def _add(tx: Tx, deed: Deed, now: datetime, ended: Mapping[str, object]) -> int:
    named = {name: storable(value) for name, value in deed.named.items()}
    said = {"known_as": deed.known_as, "way": deed.way, "action": deed.action, "act": deed.act, "named": named}
    new = insert(actions).values(at=now, who=storable(deed.who[:255]), **said, **ended)
    return tx.execute(new.returning(actions.c.id)).scalar_one()


def end(tx: Tx, number: int, now: datetime, end: End, status: int, detail: str, taken: Taken | None = None) -> None:
    which = (actions.c.id == number, actions.c.outcome == End.BEGUN)
    ended: dict[str, object] = {"outcome": end, "status": status, "detail": detail, "ended_at": now}
    if taken is not None:
        went = {"taken_rows": taken.rows, "taken_bytes": taken.bytes, "taken_sha256": taken.sha256}
        ended |= went
    tx.execute(update(actions).where(*which).values(ended))


def get(tx: Tx, number: int) -> Logged | None:
    """Of a number that may be too large for any database."""
    row = tx.execute(select(actions).where(actions.c.id == number)).one_or_none() if number < _BEYOND else None
    return None if row is None else _logged(row)


def required(tx: Tx, number: int) -> Logged:
    found = get(tx, number)
    if found is None:
        raise NotFound(f"There is no action {number}; see `syncd actions list`.")
    return found


def listing(tx: Tx, asked: Asked, *, before: int | None = None, limit: int = 100) -> Sequence[Logged]:
    """Newest first. `before`: the id that the page before ended with."""
    which = select(actions).order_by(actions.c.id.desc()).limit(limit)
    same = {"who": asked.who, "action": asked.action, "way": asked.way, "outcome": asked.outcome}
    for name, value in same.items():
        if value:
            which = which.where(actions.c[name] == storable(value))
    if asked.since is not None:
        which = which.where(actions.c.at >= asked.since)
    if before is not None:
        which = which.where(actions.c.id < before)
    return [_logged(row) for row in tx.execute(which)]


def _logged(row: Row[*tuple[Any, ...]]) -> Logged:
    return Logged(
        row.id,
        row.at,
        row.who,
        KnownAs(row.known_as),
        Way(row.way),
        row.action,
        row.act,
        row.named,
        End(row.outcome),
        row.status,
        row.detail,
        row.ended_at,
        None if row.taken_bytes is None else Taken(row.taken_rows, row.taken_bytes, row.taken_sha256 or ""),
    )
