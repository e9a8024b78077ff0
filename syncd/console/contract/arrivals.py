"""/v1/arrivals as declared."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime

from syncd.console.queries import ArrivalQuery
from syncd.core.lifecycle import ArrivalState

from .operation import Answer, Operation


class ListedArrival(Answer):
    """One hook as it came in, or what syncd told itself."""

    id: int
    source: str
    event_key: str | None  # none: it is never taken for a repeat
    event_type: str
    record: str
    received_at: AwareDatetime
    state: ArrivalState
    is_held: bool
    attempt: int
    next_at: AwareDatetime
    replay_of: int | None
    replayed_by: str
    reconcile_id: int | None
    body_pruned_at: AwareDatetime | None


class ArrivalPage(Answer):
    arrivals: list[ListedArrival]
    next: int | None  # the `before` of the page that follows


class OneArrival(ListedArrival):
    bytes: int  # as it came
    body: Any  # without secrets; null when it was pruned


OPERATIONS = (
    Operation("GET", "/v1/arrivals", "Hooks as they came in, the newest first", {200: ArrivalPage}, query=ArrivalQuery),
    Operation("GET", "/v1/arrivals/{arrival:number}", "One hook, with what it carried", {200: OneArrival}),
)
