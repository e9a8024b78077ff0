"""An OAuth token that comes back with less than sync needs. PagerDuty calls that no error, so it is noticed by what was granted, at
the renewal, and not only when a write is refused. Nothing is held for it: whatever the token still may do goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from syncd.core.changes import Side
from syncd.core.connection import Kind as Happened
from syncd.core.diagnostics import CATALOGUE
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.store import connection_log, deliveries, diagnoses
from syncd.store.database import Tx
from syncd.store.deliveries import Delivery
from syncd.systems.pagerduty.oauth import Purpose

from .grant import Grant

log = structlog.get_logger(__name__)
CODE = "SYN-PAG-SCOPE"


def lacking(grant: Grant, *, is_read_only: bool = False) -> Sequence[str]:
    """What is needed and was not granted. A grant that tells no scope has those that were asked for."""
    return list(grant.client.kind.lacks(grant.scopes, Purpose(is_read_only))) if grant.scopes else []


def said(short: Sequence[str]) -> str:
    return f"PagerDuty renewed the OAuth token without {', '.join(short)}, which sync needs."


def note(tx: Tx, slug: str, before: Grant, after: Grant, now: datetime, *, is_read_only: bool = False) -> None:
    """Told once, when it changes. What each subject comes to is then asked at once, and has codes of its own."""
    was, short = (lacking(one, is_read_only=is_read_only) for one in (before, after))
    if short == was:
        return
    diagnoses.hasten(tx, slug, now)
    if short:
        finding = f"{said(short)} {CATALOGUE[CODE].cured(slug)}"
        connection_log.add(tx, slug, Happened.ERRORED, now=now, code=CODE, detail=finding)
        _row(tx, slug, now, Outcome.FAILED, Reason.DIAGNOSED, f"{CODE}: {finding}")
        log.warning("oauth.less_scope", integration=slug, code=CODE, missing=" ".join(short))
    else:
        detail = f"PagerDuty grants {', '.join(was)} again. It was {CODE}."
        connection_log.add(tx, slug, Happened.CONNECTED, now=now, code=CODE, detail=detail)
        _row(tx, slug, now, Outcome.APPLIED, Reason.DIAGNOSED_WELL, detail)
        log.info("oauth.scope_back", integration=slug, code=CODE)


def _row(tx: Tx, slug: str, now: datetime, outcome: Outcome, reason: Reason, detail: str) -> None:
    told = Delivery(
        recorded_at=now,
        direction=deliveries.direction(Side.INCIDENT),
        change="connection",
        action="renew",
        outcome=outcome,
        reason=reason,
        detail=f"{SENTENCES[reason]} {detail}",
        integration=slug,
        source_system=slug,
        occurred_at=now,
    )
    deliveries.record_many(tx, [told])
