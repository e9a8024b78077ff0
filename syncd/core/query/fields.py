"""What can be asked for: every field of the query language, with what it takes. Which column it is, the store knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncd.core.reasons import Outcome, Reason


class Kind(StrEnum):
    CHOICE = "choice"  # one of our own words
    NAME = "name"  # somebody's identifier, exactly, or with *
    WORDS = "words"  # anywhere in it, in capitals or not
    NUMBER = "number"
    DURATION = "duration"
    MOMENT = "moment"
    AGE = "age"  # a duration, counted back from now


#: What each takes, in words for people.
TAKES: Mapping[Kind, str] = {
    Kind.CHOICE: "one of its words, or a part with *",
    Kind.NAME: "a name, or a part with *; `none` where there is none",
    Kind.WORDS: "what stands somewhere in it; of A to Z capitals make no difference",
    Kind.NUMBER: "a number, `>=3`, `2..5`",
    Kind.DURATION: "a duration in ms, s, m, h, d or w: `>2s`, `100ms..1s`",
    Kind.MOMENT: "a day or a moment in UTC: `2026-11-21`, `>=2026-11-21T08:00`, `2026-11-01..2026-11-07`",
    Kind.AGE: "a duration in ms, s, m, h, d or w: `<24h`, `1d..7d`",
}

ORDERED = frozenset({Kind.NUMBER, Kind.DURATION, Kind.MOMENT, Kind.AGE})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    sentence: str
    example: str
    choices: tuple[str, ...] = ()
    may_be_none: bool = False
    has_classes: bool = False  # 5xx is 500 to 599
    is_facet: bool = False  # of few enough values that rows can be counted by it


_ALL = (
    Field("id", Kind.NUMBER, "Its number.", "id:4711"),
    Field("at", Kind.MOMENT, "When it was recorded.", "at:2026-11-21"),
    Field("age", Kind.AGE, "How long ago it was recorded.", "age<24h"),
    Field(
        "direction",
        Kind.CHOICE,
        "Inbound is from PagerDuty to the case, outbound the other way.",
        "direction:outbound",
        choices=("inbound", "outbound"),
        is_facet=True,
    ),
    Field(
        "outcome", Kind.CHOICE, "What became of it.", "outcome:failed,retrying", choices=tuple(Outcome), is_facet=True
    ),
    Field("reason", Kind.CHOICE, "Why.", "-reason:echo", choices=tuple(Reason), is_facet=True),
    Field(
        "change",
        Kind.NAME,
        "What somebody did (open, acknowledge, resolve, comment, priority, ...), or the event's own name.",
        "change:resolve,reopen",
        may_be_none=True,
        is_facet=True,
    ),
    Field(
        "action", Kind.NAME, "Which kind of write or reading it was.", "action:look", may_be_none=True, is_facet=True
    ),
    Field("case", Kind.NAME, "The case, by its own system's id.", "case:CS-10*", may_be_none=True),
    Field("incident", Kind.NAME, "The incident, by its id.", "incident:Q2ABC123", may_be_none=True),
    Field("link", Kind.NUMBER, "The link, by its number.", "link:12", may_be_none=True),
    Field("connector", Kind.NAME, "The connector.", "connector:payments", may_be_none=True, is_facet=True),
    Field(
        "integration",
        Kind.NAME,
        "The account of PagerDuty, by its own name.",
        "integration:acme",
        may_be_none=True,
        is_facet=True,
    ),
    Field(
        "source",
        Kind.NAME,
        "The account it came from, by its own name; `cases` are the built-in ones.",
        "source:cases",
        may_be_none=True,
        is_facet=True,
    ),
    Field(
        "target", Kind.NAME, "The account it went to, by its own name.", "target:acme", may_be_none=True, is_facet=True
    ),
    Field(
        "http",
        Kind.NUMBER,
        "The HTTP status of the answer.",
        "http:429,5xx",
        may_be_none=True,
        has_classes=True,
        is_facet=True,
    ),
    Field("attempt", Kind.NUMBER, "Which attempt it was; 0 where nothing was sent.", "attempt>=3"),
    Field("latency", Kind.DURATION, "From what somebody did to its end here.", "latency>2s", may_be_none=True),
    Field("took", Kind.DURATION, "How long the request itself took.", "took>1s", may_be_none=True),
    Field("actor", Kind.NAME, "Who did it.", 'actor:"Dana Ruiz"', may_be_none=True, is_facet=True),
    Field(
        "trace",
        Kind.NAME,
        "The id of the trace it belongs to: of one change all along its way, as `traceparent` carries it.",
        "trace:0af7651916cd43dd8448eb211c80319c",
        may_be_none=True,
    ),
    Field("request", Kind.NAME, "The request's id, as the other side's log has it.", "request:e2.*", may_be_none=True),
    Field("replay", Kind.NUMBER, "The delivery it is a replay of.", "replay:4711", may_be_none=True),
    Field("errand", Kind.NUMBER, "The write it belongs to.", "errand:12", may_be_none=True),
    Field("arrival", Kind.NUMBER, "The hook it belongs to.", "arrival:12", may_be_none=True),
    Field(
        "text",
        Kind.WORDS,
        "Its sentence, who did it, and the names of case, incident and connector; words without a field are this.",
        '"not found"',
    ),
)

FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
FACETS = tuple(field.name for field in _ALL if field.is_facet)
