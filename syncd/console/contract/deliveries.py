"""/v1/deliveries as declared."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime

from syncd.console import queries
from syncd.console.bodies import Park, Replay
from syncd.core.reasons import Outcome, Reason

from .operation import Answer, Operation


class Delivery(Answer):
    """One attempt, or one decision not to act."""

    id: int
    recorded_at: AwareDatetime
    direction: Literal["inbound", "outbound"]
    change: str
    action: str
    outcome: Outcome
    reason: Reason
    detail: str
    attempt: int
    arrival_id: int | None
    errand_id: int | None
    link_id: int | None
    connector: str
    integration: str
    source_system: str
    destination_system: str
    case_id: str
    incident_id: str
    actor: str
    occurred_at: AwareDatetime | None
    started_at: AwareDatetime | None
    duration_ms: int | None
    e2e_ms: int | None
    method: str
    url: str
    http_status: int | None
    request_id: str
    retry_after_s: float | None
    next_attempt_at: AwareDatetime | None
    replay_of: int | None
    request: Any
    response: Any
    trace: str


class DeliveryPage(Answer):
    deliveries: list[Delivery]
    next: str | None  # the `after` of the page that follows


class DeliveryTail(Answer):
    deliveries: list[Delivery]
    next: str  # the `after` of the question that follows
    is_more: bool  # there are more already


class ReplayAnswer(Answer):
    delivery: int
    is_going: bool
    says: str


class Replays(Answer):
    replays: list[ReplayAnswer]


class Parked(Answer):
    parked: int


_DELIVERIES = "/v1/deliveries"

OPERATIONS = (
    Operation(
        "GET",
        _DELIVERIES,
        "Every attempt and every decision not to act, the newest first",
        {200: DeliveryPage},
        query=queries.DeliveryPage,
        is_queried=True,
    ),
    Operation(
        "GET",
        f"{_DELIVERIES}/tail",
        "Deliveries as they come in, each once; asked again with the answer's `next` it goes on from there",
        {200: DeliveryTail},
        query=queries.DeliveryTail,
        is_queried=True,
    ),
    Operation("GET", f"{_DELIVERIES}/{{delivery:number}}", "One delivery", {200: Delivery}),
    Operation(
        "POST",
        f"{_DELIVERIES}/replay",
        "Decide dead changes anew, from what both sides say today",
        {200: Replays},
        Replay,
    ),
    Operation(
        "POST",
        f"{_DELIVERIES}/park",
        "Put changes that are not to be made aside",
        {200: Parked},
        Park,
    ),
)
