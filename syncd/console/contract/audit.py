"""/v1/deliveries/facets, /histogram, /lag, /fields and /export as declared."""

from __future__ import annotations

from pydantic import AwareDatetime

from syncd.console.queries import DeliveryCounts, DeliveryExport
from syncd.console.taking import ACTION, ROWS, SHA256
from syncd.core.deeds import End
from syncd.core.query.fields import Kind
from syncd.core.reasons import Outcome

from .actions import TakenOut
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


class ExportEnded(Answer):
    """What the action log has of it."""

    id: int
    at: AwareDatetime
    named: dict[str, str]  # the query without its words, and the format
    outcome: End
    detail: str  # the code of what went wrong
    ended_at: AwareDatetime | None
    taken: TakenOut | None


_DELIVERIES = "/v1/deliveries"
_EXPORT = f"{_DELIVERIES}/export"
_EXPORTED = ("text/csv", "application/x-ndjson", "application/vnd.apache.parquet")
_HOW_IT_ENDS = (
    f"It is a row of the action log, which {ACTION} numbers. A digest of what is still being read cannot stand before it: when the last byte "
    f"has come, GET {_EXPORT}/{{action}} answers `done` with rows, bytes and the SHA-256 of exactly the bytes that were sent, and `failed` where "
    "it broke off. Parquet needs duckdb where syncd runs (syncd[parquet]), is made before it is sent, one at a time, and has its SHA-256 in a "
    "header as well; its row may still be `begun` for a moment when all of it is there."
)
_TOLD_BESIDE = {
    ROWS: "How many rows there were when it began.",
    ACTION: "The number of its row in the action log.",
    SHA256: "Of Parquet alone: the SHA-256 of the file.",
}

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
        _EXPORT,
        "Every delivery that is found, in a file",
        {},
        query=DeliveryExport,
        is_queried=True,
        files=_EXPORTED,
        takes_out=True,
        says=_HOW_IT_ENDS,
        headers=_TOLD_BESIDE,
    ),
    Operation(
        "GET",
        f"{_EXPORT}/{{action:number}}",
        "What became of an export of one's own: how much of it went, and the SHA-256 of that",
        {200: ExportEnded},
    ),
    Operation("GET", f"{_DELIVERIES}/fields", "The fields that deliveries can be asked by", {200: QueryFields}),
)
