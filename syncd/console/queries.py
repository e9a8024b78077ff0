"""What requests ask for in their addresses: which rows, how many, and from where on. Checked before anything is looked up."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from syncd.console.bodies import Body, Limit, Name, Priority, Slug, Word
from syncd.core.deeds import End, Way
from syncd.core.lifecycle import ArrivalState
from syncd.core.link import LinkState
from syncd.flow.exporting import Format


class MappingsQuery(Body):
    priorities: Annotated[str, StringConstraints(max_length=4_000)] | None = None  # tried: P1=NAME, with commas between


class CaseQuery(Body):
    status: Literal["open", "acknowledged", "resolved", "closed"] | None = None
    priority: Priority | None = None
    connector: Slug | None = None
    limit: Limit = 100
    before: str = ""


class ConflictQuery(Body):
    limit: Limit = 100


class RepairQuery(Body):
    limit: Limit = 20


class LinkQuery(Body):
    about: Annotated[str, StringConstraints(max_length=2048)] = ""  # an id, a case's key, an incident's id or address
    case: str = ""
    incident: str = ""
    state: Annotated[LinkState | None, BeforeValidator(lambda given: given or None)] = None
    paused: bool | None = None
    limit: Limit = 100
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None  # the `next` of the page before


class WhyOptions(Body):
    compare: bool = False  # read both sides now


class WhyQuery(WhyOptions):
    ref: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)]


class DeliveryPage(Body):
    """What stands beside a query that asks for a list."""

    limit: Limit = 100
    after: str = ""  # the `next` of the page before
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None  # or the id that it ended with


class DeliveryTail(Body):
    """What stands beside a query that is followed."""

    limit: Limit = 100
    after: str = ""  # the `next` of the answer before; without it, from now on
    since: AwareDatetime | None = None  # or from here on


class ViewsQuery(Body):
    by: Word = ""  # whose, where the caller speaks for others


class DeliveryCounts(Body):
    by: str = ""  # fields, with commas between them


class DeliveryExport(Body):
    format: Format = Format.CSV


class ExplainQuery(Body):
    case: Name
    system: Slug = ""  # of several case systems with such a case


class PreviewQuery(ExplainQuery):
    preset: str = ""  # the one that the rules choose, when it is left out
    connector: Slug = ""


class NoticeQuery(Body):
    limit: Limit = 100
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    is_standing: bool = False  # only what is wrong now


class ArrivalQuery(Body):
    source: Slug = ""  # an account or a case system
    record: Word = ""  # the sender's id of the case or incident
    state: Annotated[ArrivalState | None, BeforeValidator(lambda given: given or None)] = None
    limit: Limit = 100
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None  # the `next` of the page before


class ActionQuery(Body):
    """What of the action log."""

    who: Word = ""
    action: Slug = ""
    way: Annotated[Way | None, BeforeValidator(lambda given: given or None)] = None
    outcome: Annotated[End | None, BeforeValidator(lambda given: given or None)] = None
    since: AwareDatetime | None = None
    limit: Limit = 100
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None  # the `next` of the page before


Period = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
SnapshotNumber = Annotated[int, Field(ge=1, lt=2**31)]


class EvidenceQuery(Body):
    period: Period = "30d"  # 7d, 30d, quarter, last-quarter, 2026-Q3, 2026-09 or FROM..TO
    snapshot: SnapshotNumber | None = None  # its answer again, instead of a new one; it has a period of its own

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if self.snapshot is not None and "period" in self.model_fields_set:
            said = "a snapshot is of the time that it was made for; leave period out, or snapshot"
            raise PydanticCustomError("two_times", said)
        return self


class FindingsQuery(EvidenceQuery):
    limit: Limit = 100
    after: Annotated[str, StringConstraints(max_length=4096)] = ""  # the `next` of the page before


class EvidenceStatusQuery(Body):
    period: Period = "7d"  # of which each time that something was due is told


class EvidenceDiff(Body):
    a: SnapshotNumber
    b: SnapshotNumber | None = None  # how it is now, when it is left out


class LogQuery(Body):
    limit: Limit = 100
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None
