"""Authorisations that nobody came back from: what was begun has an end in the history of its connection."""

from __future__ import annotations

from datetime import datetime

from syncd.core.connection import Kind
from syncd.store import authorisations, connection_log
from syncd.store.database import Tx


def give_up(tx: Tx, now: datetime) -> None:
    for one in authorisations.overdue(tx, now):
        why = (
            "Nobody came back from PagerDuty in time, so nothing was changed; begin again: "
            f"`syncd integrations authorise {one.integration}`."
        )
        authorisations.end(tx, one.digest, why, is_done=False)
        connection_log.add(tx, one.integration, Kind.FAILED, now=now, by=one.by, detail=why)
