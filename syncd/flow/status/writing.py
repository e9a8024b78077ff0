"""Whether the database takes writes. Asked before all else: what is found besides, silent parts above all, may only follow from that."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.diagnostics import CATALOGUE
from syncd.core.why.facts import Outage
from syncd.errors import DatabaseAway, DiskFull, Locked, TakesNoWrites, cause_of
from syncd.flow.finding import Finding
from syncd.store import heartbeats
from syncd.store.database import Database

MEANWHILE = "Meanwhile hooks are answered 503 and sent again by PagerDuty, and nothing has to be started anew."
_CODES: Mapping[type[DatabaseAway], str] = {
    DatabaseAway: "SYN-DATABASE",
    DiskFull: "SYN-DATABASE-FULL",
    TakesNoWrites: "SYN-DATABASE-READONLY",
    Locked: "SYN-DATABASE-LOCKED",
}


def tried(db: Database) -> DatabaseAway | None:
    """For a process that has written nothing yet; who runs for long knows by `Database.trouble` from its signs of life."""
    try:
        heartbeats.try_out(db)
    except DatabaseAway as error:
        return error
    return None


def code(trouble: DatabaseAway) -> str:
    return _CODES[type(trouble)]


def told(trouble: DatabaseAway) -> str:
    return f"{cause_of(str(trouble))}. {MEANWHILE}"


def outage(trouble: DatabaseAway | None) -> Outage | None:
    return None if trouble is None else Outage(told(trouble), code(trouble))


def findings(trouble: DatabaseAway | None) -> list[Finding]:
    if trouble is None:
        return []
    return [Finding(told(trouble), f"{CATALOGUE[code(trouble)].cure} (`syncd explain {code(trouble)}`)")]
