"""/v1/connectors/{name}/mappings as declared."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from syncd.console.bodies import ChangePriorities
from syncd.console.queries import MappingsQuery
from syncd.core.changes import Side
from syncd.core.reasons import Outcome

from .operation import Answer, Operation


class PriorityMapped(Answer):
    case: str
    incident: str  # PagerDuty's id
    name: str


class Becomes(Answer):
    side: Side  # where it would be written
    kind: str  # what would be written, or the reason why nothing is
    value: str
    words: str
    is_unmapped: bool


class MappingSample(Answer):
    on: Side
    what: str
    becomes: list[Becomes]


class MappedEvent(Answer):
    """Something that happened, what was said of it then, and what would come of it now."""

    delivery: int
    at: AwareDatetime
    record: str
    on: Side
    what: str
    by: str
    outcome: Outcome
    said: str
    now: list[Becomes]
    then: list[Becomes]  # by the priorities that are tried
    is_changed: bool
    is_by_preset: bool  # the priorities of its preset go before those of the connector


class ConnectorMappings(Answer):
    connector: str
    integration: str
    path: Literal["Bi-directional", "Service key"]
    priorities: list[PriorityMapped]
    tried: list[PriorityMapped] | None
    unmapped: list[str]  # of cases
    unheard: list[str]  # of PagerDuty, by their ids
    warnings: list[str]
    samples: list[MappingSample]
    events: list[MappedEvent]


class PrioritiesChanged(Answer):
    connector: str
    priorities: list[PriorityMapped]
    changed: bool
    unmapped: list[str]
    unheard: list[str]
    warnings: list[str]
    says: str


OPERATIONS = (
    Operation(
        "GET",
        "/v1/connectors/{name}/mappings",
        "What a connector makes of what happens, and of its last 20 events, also by priorities that are only tried",
        {200: ConnectorMappings},
        query=MappingsQuery,
        asks_far_side=True,
    ),
    Operation(
        "POST",
        "/v1/connectors/{name}/priorities",
        "Change which priority of a case is which in PagerDuty; deliveries keep what they said",
        {200: PrioritiesChanged},
        ChangePriorities,
        asks_far_side=True,
    ),
)
