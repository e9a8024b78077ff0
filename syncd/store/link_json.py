"""What we believe of a link's two sides as its row has it: values with their times, wishes and conflicts, by their spots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from syncd.core.changes import Actor, Field, Side
from syncd.core.link import FieldConflict, Known, Link, LinkState, Wish
from syncd.core.policy import PriorityPair


def changing(link: Link) -> dict[str, Any]:
    """What of a link changes while it lives."""
    return {
        "state": link.state,
        "is_paused": link.is_paused,
        "case_url": link.case_url,
        "incident_url": link.incident_url,
        "known": {_spot(s, f): [k.value, _text(k.at)] for (s, f), k in link.known.items()},
        "wanted": {_spot(s, f): wish_as_json(w) for (s, f), w in link.wanted.items()},
        "conflicts": {name: _conflict_as_json(one) for name, one in link.conflicts.items()},
        "is_in_conflict": bool(link.conflicts),
        "version": link.version,
        "is_cut": link.is_cut,
    }


def link_of(row: Row[*tuple[Any, ...]]) -> Link:
    return Link(
        id=str(row.id),
        case_system=row.case_system,
        case_id=row.case_id,
        integration=row.integration,
        incident_id=row.incident_id or "",
        connector=row.connector,
        state=LinkState(row.state),
        is_paused=row.is_paused,
        case_url=row.case_url,
        incident_url=row.incident_url,
        known={_where(spot): Known(value, _moment(at)) for spot, (value, at) in row.known.items()},
        wanted={_where(spot): wish_of(wish) for spot, wish in row.wanted.items()},
        conflicts={Field(name): _conflict_of(one) for name, one in row.conflicts.items()},
        version=row.version,
        priorities=tuple(PriorityPair(**pair) for pair in row.opening.get("priorities", ())),
        is_cut=row.is_cut,
    )


def wish_of(stored: Mapping[str, Any]) -> Wish:
    by = Actor(stored["by"], is_us=stored["is_us"], email=stored.get("email", ""))  # The release before wrote none.
    return Wish(
        stored["value"],
        stored["base"],
        by,
        is_amends=stored["amends"],
        earlier=tuple(stored["earlier"]),
        heard_at=_moment(stored.get("heard_at")),  # The release before wrote none.
    )


def wish_as_json(wish: Wish) -> dict[str, Any]:
    return {
        "value": wish.value,
        "base": wish.base,
        "by": wish.by.name,
        "is_us": wish.by.is_us,
        "email": wish.by.email,
        "amends": wish.is_amends,
        "earlier": list(wish.earlier),
        "heard_at": _text(wish.heard_at),
    }


def _conflict_of(stored: Mapping[str, Any]) -> FieldConflict:
    by = {Side(side): name for side, name in stored["by"].items()}
    return FieldConflict(by, Side(stored["met_on"]), tuple(stored["ours"]), _moment(stored["since"]))


def _conflict_as_json(conflict: FieldConflict) -> dict[str, Any]:
    return {
        "by": dict(conflict.by),
        "met_on": conflict.met_on,
        "ours": list(conflict.ours),
        "since": _text(conflict.since),
    }


def _spot(side: Side, field: Field) -> str:
    return f"{side}.{field}"


def _where(spot: str) -> tuple[Side, Field]:
    side, field = spot.split(".")
    return Side(side), Field(field)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
