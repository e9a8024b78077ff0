"""Every route of /v1, by its place."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.console.permits import Place

from . import (
    access,
    accounts,
    actions,
    arrivals,
    audit,
    cases,
    deliveries,
    evidence,
    links,
    mappings,
    notices,
    rules,
    status,
    views,
    why,
)
from .operation import Operation

_ALL = (
    *cases.OPERATIONS,
    *links.OPERATIONS,
    *deliveries.OPERATIONS,
    *audit.OPERATIONS,
    *views.OPERATIONS,
    *arrivals.OPERATIONS,
    *status.OPERATIONS,
    *why.OPERATIONS,
    *accounts.OPERATIONS,
    *mappings.OPERATIONS,
    *rules.OPERATIONS,
    *access.OPERATIONS,
    *evidence.OPERATIONS,
    *notices.OPERATIONS,
    *actions.OPERATIONS,
)
OPERATIONS: Mapping[Place, Operation] = {one.place: one for one in _ALL}
