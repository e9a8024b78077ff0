"""/v1/why as declared."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from syncd.console.queries import WhyOptions, WhyQuery
from syncd.core.why.proving import Thing
from syncd.core.why.verdict import Who

from .operation import Answer, Operation


class Act(Answer):
    """The button that helps, and what it is for."""

    name: str
    target: str


class Proof(Answer):
    """What evidence was asked about. Its gates are those of evidence, and `is_in_step` says that all of them let it through."""

    account: str
    thing: Thing
    id: str
    name: str
    is_found: bool


class Step(Answer):
    at: AwareDatetime
    kind: Literal["hook", "attempt", "decision", "log"]
    what: str
    direction: str
    by: str
    outcome: str
    reason: str
    says: str
    attempt: int
    delivery: int | None


class Verdict(Answer):
    reference: str
    means: str
    link: int | None
    case_id: str
    incident_id: str
    delivery: int | None
    is_in_step: bool
    was_compared: bool
    gate: int
    gate_name: str
    says: str
    who: Who
    remedy: str
    command: str
    action: Act | None
    code: str
    evidence: Proof | None
    path: list[Step]


_SUMMARY = (
    "What keeps a case and its incident apart, who has to act, and how it came so far; or what evidence knows of a service, a "
    "schedule or an incident's times"
)
#: The reference itself may be unknown; several incidents may have one number; and PagerDuty is asked for one, and to compare.
_REFUSED = frozenset({404, 409})

OPERATIONS = (
    Operation(
        "GET",
        "/v1/why",
        f"{_SUMMARY}: also of an address",
        {200: Verdict},
        query=WhyQuery,
        asks_far_side=True,
        problems=_REFUSED,
    ),
    Operation(
        "GET",
        "/v1/why/{ref}",
        _SUMMARY,
        {200: Verdict},
        query=WhyOptions,
        asks_far_side=True,
        problems=_REFUSED,
    ),
)
