"""/v1/deliveries/facets, /histogram, /lag, /fields and /export as declared."""

from __future__ import annotations

from pydantic import AwareDatetime

from syncd.console.queries import DeliveryCounts, DeliveryExport
from syncd.core.query.fields import Kind
from syncd.core.reasons import Outcome

from .operation import Answer, Operation


class Counted(Answer):
    query: str  # what was counted, with the time also where none was named


class Count(Answer):
    value: str  # empty: there is none
    count: int


class Facets(Counted):
    counted: int
    is_capped: bool  # only the newest were counted
    facets: dict[str, list[Count]]


class Bar(Answer):
    at: AwareDatetime
    outcomes: dict[Outcome, int]


class Histogram(Counted):
    start: AwareDatetime
    end: AwareDatetime
    step_s: int
    bars: list[Bar]


class Lag(Counted):
    counted: int
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None


class QueryField(Answer):
    name: str
    kind: Kind
    says: str
    takes: str
    example: str
    values: list[str]
    may_be_none: bool
    is_counted_by: bool


class QueryFields(Answer):
    fields: list[QueryField]


_DELIVERIES = "/v1/deliveries"
_EXPORTED = ("text/csv", "application/x-ndjson")

OPERATIONS = (
    Operation(
        "GET",
        f"{_DELIVERIES}/facets",
        "How many deliveries there are by the values of some fields, of the newest 100,000",
        {200: Facets},
        query=DeliveryCounts,
        is_queried=True,
    ),
    Operation(
        "GET",
        f"{_DELIVERIES}/histogram",
        "How many deliveries there were over time, by outcome",
        {200: Histogram},
        is_queried=True,
    ),
    Operation(
        "GET",
        f"{_DELIVERIES}/lag",
        "How long it took from what somebody did to its end here",
        {200: Lag},
        is_queried=True,
    ),
    Operation(
        "GET",
        f"{_DELIVERIES}/export",
        "Every delivery that is found, in a file; Parquet is written by `syncd deliveries export`",
        {},
        query=DeliveryExport,
        is_queried=True,
        files=_EXPORTED,
    ),
    Operation("GET", f"{_DELIVERIES}/fields", "The fields that deliveries can be asked by", {200: QueryFields}),
)
