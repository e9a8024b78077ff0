"""Links: one case, one incident, and what we believe of both. Saving checks the version that was read."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, insert, or_, select, update
from sqlalchemy import case as either

from syncd.core.changes import Side
from syncd.core.link import Link, LinkState
from syncd.core.routing import UNSTYLED, Style
from syncd.errors import Conflict

from .columns import Moment, many, storable
from .database import Tx
from .link_json import changing, link_of
from .tables import links

_NUMBER = re.compile("[0-9]{1,18}")  # no longer than an id can be


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link with what only the store and the opening need."""

    id: int
    link: Link
    key: str
    title: str
    body: str
    reason: str
    shard: int
    style: Style = UNSTYLED


@dataclass(frozen=True, slots=True)
class Saved:
    """A link as it was read and as it is to be."""

    before: StoredLink
    after: StoredLink
    opened_at: datetime | None = None


def create(
    tx: Tx, link: Link, *, key: str, title: str, body: str, shard: int, now: datetime, style: Style = UNSTYLED
) -> StoredLink:
    statement = (
        insert(links)
        .values(
            key=key,
            case_system=link.case_system,
            case_id=link.case_id,
            integration=link.integration,
            incident_id=None,
            connector=link.connector,
            title=title,
            body=body,
            created_at=now,
            shard=shard,
            opening=_opening(link, style),
            **changing(link),
        )
        .returning(links.c.id)
    )
    number = tx.execute(statement).scalar_one()
    return StoredLink(number, replace(link, id=str(number)), key, title, body, "", shard, style)


def _opening(link: Link, style: Style) -> dict[str, Any]:
    """Nothing of what nobody asked for."""
    kept: dict[str, Any] = {name: value for name, value in asdict(style).items() if value}
    if link.priorities:
        kept["priorities"] = [asdict(pair) for pair in link.priorities]
    return kept


def lock(tx: Tx, link_id: int) -> StoredLink:
    """Read it and keep everybody else from changing it until the end of this transaction."""
    return stored_of(tx.execute(select(links).where(links.c.id == link_id).with_for_update()).one())


def lock_many(tx: Tx, ids: Sequence[int], *, is_patient: bool = True) -> dict[int, StoredLink]:
    """In the order of their ids, so that two workers never wait for each other in a circle. Or only those nobody has."""
    if not ids:
        return {}
    return {row.id: stored_of(row) for row in tx.execute(_LOCK if is_patient else _LOCK_FREE, {"ids": ids})}


_BY_ID = select(links).where(links.c.id.in_(many("ids"))).order_by(links.c.id)
_LOCK, _LOCK_FREE = _BY_ID.with_for_update(), _BY_ID.with_for_update(skip_locked=True)


def get(tx: Tx, link_id: int) -> StoredLink | None:
    row = tx.execute(select(links).where(links.c.id == link_id)).one_or_none()
    return None if row is None else stored_of(row)


def find(tx: Tx, source: str, side: Side, record: str) -> StoredLink | None:
    row = tx.execute(select(links).where(*_is_record(source, side, record))).one_or_none()
    return None if row is None else stored_of(row)


def of_key(tx: Tx, source: str, key: str) -> StoredLink | None:
    """Whose incident is opened under this key, whether it is open already or not. Not locked."""
    row = tx.execute(select(links).where(links.c.key == storable(key), links.c.integration == source)).one_or_none()
    return None if row is None else stored_of(row)


def ids_of(tx: Tx, side: Side, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(source, record) -> link id, for a whole window of hooks at once."""
    if not records:
        return {}
    given = {"sources": {source for source, _ in records}, "records": {name for _, name in records}}
    return {(row[0], row[1] or ""): row[2] for row in tx.execute(_IDS[side], given)}


def _ids(system: ColumnElement[str], record: ColumnElement[Any]) -> Select[str, Any, int]:
    return select(system, record, links.c.id).where(system.in_(many("sources")), record.in_(many("records")))


_IDS = {
    Side.CASE: _ids(links.c.case_system, links.c.case_id),
    Side.INCIDENT: _ids(links.c.integration, links.c.incident_id),
}


def keys_among(tx: Tx, keys: Sequence[str]) -> set[str]:
    """Those of these incident_keys that a link of ours opens under."""
    return set(tx.scalars(select(links.c.key).where(links.c.key.in_(many("keys"))), {"keys": keys})) if keys else set()


def live(tx: Tx, source: str, side: Side) -> list[StoredLink]:
    """Open links of this account of which some side is not over yet."""
    return [one for one in of_source(tx, source, side) if not one.link.is_over]


def of_source(tx: Tx, source: str, side: Side) -> list[StoredLink]:
    """Every open link of this account."""
    statement = select(links).where(_of_source(source, side), links.c.state == LinkState.OPEN).order_by(links.c.id)
    return [stored_of(row) for row in tx.execute(statement)]


def of_records(tx: Tx, source: str, side: Side, refs: Sequence[str]) -> list[StoredLink]:
    column = links.c.case_id if side is Side.CASE else links.c.incident_id
    statement = select(links).where(_of_source(source, side), column.in_(refs)).order_by(links.c.id)
    return [stored_of(row) for row in tx.execute(statement)]


def which(tx: Tx, wanted: ColumnElement[bool]) -> list[StoredLink]:
    """Oldest first."""
    return [stored_of(row) for row in tx.execute(select(links).where(wanted).order_by(links.c.id))]


def _of_source(source: str, side: Side) -> ColumnElement[bool]:
    return (links.c.case_system if side is Side.CASE else links.c.integration) == source


def _is_record(source: str, side: Side, record: str) -> tuple[Any, Any]:
    if side is Side.CASE:
        return links.c.case_system == source, links.c.case_id == record
    return links.c.integration == source, links.c.incident_id == record


def changed(stored: StoredLink, link: Link) -> StoredLink:
    """As `save` will leave it."""
    return replace(stored, link=replace(link, version=stored.link.version + 1))


def save(tx: Tx, stored: StoredLink, link: Link, *, opened_at: datetime | None = None) -> StoredLink:
    """Raises Conflict when somebody saved it since it was read; under its row lock that cannot happen."""
    if link == stored.link:
        return stored
    after = changed(stored, link)
    save_many(tx, [Saved(stored, after, opened_at)])
    return after


def save_many(tx: Tx, saved: Sequence[Saved]) -> None:
    if not saved:
        return
    if tx.execute(_SAVE, [_saving(one) for one in saved]).rowcount != len(saved):
        numbers = ", ".join(str(one.before.id) for one in saved)
        raise Conflict(f"Link {numbers} was changed by somebody else at the same moment.")


def _saving(saved: Saved) -> dict[str, Any]:
    link = saved.after.link
    values = {**changing(link), "incident_id": link.incident_id or None, "opened_at": saved.opened_at}
    guard = {"b_id": saved.before.id, "b_read": saved.before.link.version}
    return {**guard, **{f"b_{name}": value for name, value in values.items()}}


_CHANGING = (
    "state",
    "is_paused",
    "case_url",
    "incident_url",
    "known",
    "wanted",
    "conflicts",
    "is_in_conflict",
    "version",
    "incident_id",
    "is_cut",
)
_SAVE = (
    update(links)
    .where(links.c.id == bindparam("b_id"), links.c.version == bindparam("b_read"))
    .values(
        opened_at=func.coalesce(bindparam("b_opened_at", type_=Moment()), links.c.opened_at),
        **{name: bindparam(f"b_{name}") for name in _CHANGING},
    )
)


def explain(tx: Tx, link_id: int, reason: str) -> None:
    """Why it is in the state it is in, for people."""
    tx.execute(update(links).where(links.c.id == link_id).values(reason=storable(reason)))


def retell(tx: Tx, link_id: int, title: str, body: str) -> None:
    """Other words to open it with, should it be opened again."""
    tx.execute(update(links).where(links.c.id == link_id).values(title=storable(title), body=storable(body)))


def explain_anew(tx: Tx, integration: str, beginning: str, reason: str) -> None:
    """Why they are in their state began like this, which is over: only what is ended because of it still needs a reason."""
    which = (links.c.integration == integration, links.c.reason.startswith(beginning, autoescape=True))
    still = either((links.c.state == LinkState.ENDED, reason), else_="")
    tx.execute(update(links).where(*which).values(reason=still))


def explain_pause(tx: Tx, link_id: int, reason: str, now: datetime) -> None:
    tx.execute(update(links).where(links.c.id == link_id).values(pause_reason=storable(reason), paused_at=now))


def why_paused(tx: Tx, link_id: int) -> str:
    return tx.execute(select(links.c.pause_reason).where(links.c.id == link_id)).scalar_one()


def resumed(tx: Tx, link_id: int, now: datetime) -> None:
    """Nobody counts for a loop what was asked for before."""
    tx.execute(update(links).where(links.c.id == link_id).values(pause_reason="", paused_at=None, resumed_at=now))


def listing(
    tx: Tx,
    *,
    case: str = "",
    incident: str = "",
    state: str = "",
    is_paused: bool | None = None,
    limit: int = 100,
    before: int | None = None,
    within: Collection[str] = (),
) -> list[dict[str, Any]]:
    """`within`: only links of these accounts; none named: of all. `before`: the id that the page before ended with."""
    statement = select(links).order_by(links.c.id.desc()).limit(limit)
    for column, value in ((links.c.case_id, case), (links.c.incident_id, incident), (links.c.state, state)):
        if value:
            statement = statement.where(column == value)
    if within:
        statement = statement.where(links.c.integration.in_(within))
    if before is not None:
        statement = statement.where(links.c.id < before)
    if is_paused is not None:
        statement = statement.where(links.c.is_paused if is_paused else ~links.c.is_paused)
    return [dict(row) for row in tx.execute(statement).mappings()]


def ended_because(tx: Tx, reason: str) -> list[StoredLink]:
    statement = select(links).where(links.c.state == LinkState.ENDED, links.c.reason == reason).order_by(links.c.id)
    return [stored_of(row) for row in tx.execute(statement)]


def counts(tx: Tx) -> dict[str, int]:
    statement = select(links.c.state, func.count()).group_by(links.c.state)
    return {row[0]: row[1] for row in tx.execute(statement)}


def paused(tx: Tx) -> dict[int, str]:
    """Those that are not over, and why each is paused."""
    statement = select(links.c.id, links.c.pause_reason).where(links.c.is_paused, links.c.state != LinkState.ENDED)
    return {row[0]: row[1] for row in tx.execute(statement.order_by(links.c.id))}


def in_conflict(tx: Tx, limit: int, within: Collection[str] = ()) -> list[StoredLink]:
    """Those that wait for a person longest are not first: by their ids, so that a list stays as it is."""
    statement = select(links).where(links.c.is_in_conflict).order_by(links.c.id).limit(limit)
    if within:
        statement = statement.where(links.c.integration.in_(within))
    return [stored_of(row) for row in tx.execute(statement)]


def count_in_conflict(tx: Tx) -> int:
    return tx.execute(select(func.count()).select_from(links).where(links.c.is_in_conflict)).scalar_one()


def about(tx: Tx, reference: str) -> list[dict[str, Any]]:
    """Links that a person may mean by this: an id, a case key, an incident id or address."""
    if not reference:
        return []
    name = storable(reference)
    tests = [links.c.case_id == name, links.c.incident_id == name, links.c.incident_url == name]
    if _NUMBER.fullmatch(reference):
        tests.append(links.c.id == int(reference))
    return [dict(row) for row in tx.execute(select(links).where(or_(*tests)).order_by(links.c.id)).mappings()]


_STYLE = frozenset(one.name for one in fields(Style))


def stored_of(row: Row[*tuple[Any, ...]]) -> StoredLink:
    style = Style(
        **{name: value for name, value in row.opening.items() if name in _STYLE}
    )  # A later release may say more.
    return StoredLink(row.id, link_of(row), row.key, row.title, row.body, row.reason, row.shard, style)
