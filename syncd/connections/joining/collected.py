"""Whether evidence is collected from an account. What was collected stays, and what is due comes to its end no more once it is off."""

from __future__ import annotations

from syncd.core.connection import Kind
from syncd.errors import Conflict
from syncd.store import connection_log, diagnoses, integrations
from syncd.store.evidence import collections
from syncd.store.integrations import EVIDENCE

from .setup import Setup, existing


def switch(setup: Setup, slug: str, *, is_on: bool, by: str) -> bool:
    """Whether it changed anything. A worker begins with the next sweep."""
    it = setup.integration(slug)
    if it.system != "pagerduty":
        raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
    with setup.db.write() as tx:
        integrations.lock(tx, slug)
        there = existing(tx, slug)
        if there.gives_evidence is is_on:
            return False
        integrations.configure(tx, slug, {**there.settings, EVIDENCE: is_on})
        if is_on:  # More is needed of its key than before: that it sees every team, above all.
            diagnoses.ask(tx, slug, setup.db.now(tx))
        else:
            collections.forget_to_come(tx, slug)
        detail = f"Collecting evidence was switched {'on' if is_on else 'off'}."
        connection_log.add(tx, slug, Kind.UPDATED, now=setup.db.now(tx), by=by, detail=detail)
    return True
