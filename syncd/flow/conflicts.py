"""Fields that both sides changed at once and that wait for a person: which they are, and what that person decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.changes import Field, Side
from syncd.core.link import FieldConflict, Link
from syncd.flow.finding import Finding, counted
from syncd.flow.names import Names
from syncd.store import connectors, links
from syncd.store.database import Tx
from syncd.store.links import StoredLink


@dataclass(frozen=True, slots=True)
class Told:
    """One conflict, for people."""

    link: int
    case_id: str
    incident_id: str
    field: str
    case: str
    case_by: str
    case_at: datetime | None  # by the clock of the case system, as `incident_at` is by PagerDuty's
    incident: str
    incident_name: str  # of a priority, as PagerDuty calls it, where that is known: `incident` is its id
    incident_by: str
    incident_at: datetime | None
    since: datetime | None  # by our own clock


def listing(tx: Tx, limit: int, within: Collection[str] = ()) -> list[Told]:
    """`within`: of these accounts only; none named: of all."""
    names = Names.of(connectors.all_of(tx).values())
    return [told for stored in links.in_conflict(tx, limit, within) for told in of_link(stored, names)][:limit]


def of_link(stored: StoredLink, names: Names) -> list[Told]:
    return [_told(stored, name, one, names) for name, one in sorted(stored.link.conflicts.items())]


def dated(link: Link, now: datetime) -> Link:
    """The core has no clock: since when a conflict stands is when it is stored for the first time."""
    if all(one.since is not None for one in link.conflicts.values()):
        return link
    fresh = {name: replace(one, since=one.since or now) for name, one in link.conflicts.items()}
    return replace(link, conflicts=fresh)


def findings(number: int) -> Sequence[Finding]:
    if not number:
        return []
    what = (
        f"{counted(number, 'link waits', 'links wait')} for a person, since both sides changed the same field at once."
    )
    remedy = (
        "See which: `syncd conflicts list`; `syncd conflicts resolve LINK FIELD --to case` or `--to pagerduty` decides."
    )
    return [Finding(what, remedy)]


def _told(stored: StoredLink, name: Field, conflict: FieldConflict, names: Names) -> Told:
    link = stored.link
    said = link.chosen(Side.INCIDENT, name) or ""
    at = {side: known.at if (known := link.known.get((side, name))) else None for side in Side}
    return Told(
        stored.id,
        link.case_id,
        link.incident_id,
        name,
        link.chosen(Side.CASE, name) or "",
        conflict.by.get(Side.CASE, ""),
        at[Side.CASE],
        said,
        names.value(link, name, said),
        conflict.by.get(Side.INCIDENT, ""),
        at[Side.INCIDENT],
        conflict.since,
    )
