"""The dataset of linked cases, out of our own links: it is whole whenever it is asked for, and costs PagerDuty no request."""

from __future__ import annotations

from datetime import datetime

from syncd.core.changes import Status
from syncd.evidence.facts.dataset import Dataset, Name
from syncd.evidence.facts.incidents import CaseOf
from syncd.store import linked_cases
from syncd.store.database import Tx
from syncd.store.linked_cases import LinkedCase


def cases_of(tx: Tx, slug: str, at: datetime) -> Dataset[CaseOf]:
    """As they stood then."""
    return Dataset(Name.CASES, tuple(_case(one) for one in linked_cases.of_account(tx, slug, at)), collected_at=at)


def _case(one: LinkedCase) -> CaseOf:
    return CaseOf(
        one.incident,
        one.case,
        is_closed=one.status is Status.CLOSED,
        status=str(one.status),
        opened_at=one.opened_at,
        resolved_at=one.resolved_at,
        closed_at=one.closed_at,
        url=one.url,
    )
