"""What the address of a page may ask for. Each is a set of plain parameters, so that a page can be linked to as it is seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from syncd.console.bodies import Body
from syncd.console.queries import DeliveryPage, EvidenceQuery, SnapshotNumber
from syncd.core.changes import Status
from syncd.evidence.desk import USUAL
from syncd.store.link_lines import Show

About = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)]
Before = Annotated[int, Field(ge=1, lt=2**63)]


class LinksPage(Body):
    show: Show = Show.OPEN
    about: About = ""
    before: Before | None = None


class LinkPage(Body):
    compare: bool = False  # both sides are read now
    all: bool = False  # also what came to nothing, as it should


class WhyPage(Body):
    ref: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2048)] = ""
    compare: bool = False


class Tab(StrEnum):
    """What is shown of a delivery beside the list."""

    WHY = "why"
    ATTEMPTS = "attempts"
    REQUEST = "request"
    RESPONSE = "response"
    MAPPING = "mapping"
    RAW = "raw"


class DeliveriesPage(DeliveryPage):
    open: Before | None = None  # one of them, beside the list
    tab: Tab = Tab.WHY
    only: Annotated[str, StringConstraints(max_length=4096)] = (
        ""  # a count or a bar that was pressed: narrows the query
    )
    view: Annotated[str, StringConstraints(max_length=255)] = ""  # a saved one, by its name
    everybodys: bool = False  # of two of one name that one


class OneDelivery(Body):
    plan: bool = False  # what a replay would send


class CasesPage(Body):
    status: Annotated[Status | None, BeforeValidator(lambda given: given or None)] = None
    before: Annotated[str, StringConstraints(max_length=64)] = ""


class MappingPage(Body):
    edit: bool = False  # PagerDuty is asked which priorities it has


class RoutingPage(Body):
    case: About = ""  # to be tried on


class ActionsAsked(Body):
    who: About = ""
    action: About = ""
    before: Before | None = None


class EvidencePage(EvidenceQuery):
    """Of a time, or as it was answered then."""

    @property
    def same(self) -> dict[str, str]:
        """Of another page, to be about the same."""
        if self.snapshot is not None:
            return {"snapshot": str(self.snapshot)}
        return {} if self.period == USUAL else {"period": self.period}


class EvidenceCheckPage(EvidencePage):
    after: Annotated[str, StringConstraints(max_length=4096)] = ""
    accept: About = ""  # the subject that somebody is about to accept


class EvidenceNow(Body):
    seen: About = ""  # what an answer was made of that somebody looks at


class SnapshotsPage(Body):
    a: Annotated[SnapshotNumber | None, BeforeValidator(lambda given: given or None)] = None
    b: Annotated[SnapshotNumber | None, BeforeValidator(lambda given: given or None)] = None


class ConnectPage(Body):
    name: About = ""  # of an account that is to be connected by another application


class Nothing(Body):
    pass
