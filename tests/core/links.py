"""The link the tests of single rules start from: both sides open, everything known since noon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncd.core.capabilities import Capabilities
from syncd.core.changes import Actor, Field, FieldSeen, Record, Side, Status
from syncd.core.decision import Decision
from syncd.core.errand import KIND_OF_WISH, Errand, ErrandKind
from syncd.core.link import Link, LinkState
from syncd.core.mappings import verb_of
from syncd.core.policy import Policy, PriorityMap, PriorityPair, Rules

CASE, INCIDENT = Side.CASE, Side.INCIDENT
OPEN, ACK, RESOLVED, CLOSED = Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED, Status.CLOSED
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANN, US = Actor("Ann Ito"), Actor("syncd", is_us=True)
PAIRS = PriorityMap(
    tuple(PriorityPair(case, there) for case, there in (("P1", "A"), ("P2", "B"), ("P4", "D"), ("P5", "D")))
)
CAN = {CASE: Capabilities(has_closed=True, has_resolution_note=True), INCIDENT: Capabilities()}
RULES = Rules(priorities=PAIRS, capabilities=CAN)


def ruled(policy: Policy, case: Capabilities | None = None) -> Rules:
    return Rules(policy, PAIRS, {**CAN, CASE: case or CAN[CASE]})


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def link(case: str = OPEN, incident: str = OPEN, priority: str = "P1", there: str = "A") -> Link:
    start = Link("1", "cases", "CS-1", "pagerduty", incident_id="Q1", state=LinkState.OPEN)
    start = start.saw(CASE, Field.STATUS, case, NOON).saw(INCIDENT, Field.STATUS, incident, NOON)
    return start.saw(CASE, Field.PRIORITY, priority, NOON).saw(INCIDENT, Field.PRIORITY, there, NOON)


def status(value: str, when: float = 5, by: Actor = ANN, *, is_reopening: bool = False) -> FieldSeen:
    return FieldSeen(Field.STATUS, value, by, at(when), is_reopening=is_reopening)


def priority(value: str, when: float = 5, by: Actor = ANN) -> FieldSeen:
    return FieldSeen(Field.PRIORITY, value, by, at(when))


def record(
    value: Status = OPEN, when: float = 6, there: str = "A", note: str | None = None, merged_into: str = ""
) -> Record:
    return Record("Q1", value, there, note, at=at(when), merged_into=merged_into)


def errand(side: Side, field: Field | ErrandKind = Field.STATUS, value: str = ACK, *, doubtful: bool = False) -> Errand:
    kind = KIND_OF_WISH[field] if isinstance(field, Field) else field
    verb = verb_of(field if isinstance(field, Field) else Field.STATUS, None, value)
    return Errand("7", "1", side, kind, verb, 1, is_doubtful=doubtful)


def wants(decision: Decision, side: Side, field: Field = Field.STATUS) -> str | None:
    wish = decision.link.wanted.get((side, field))
    kinds = {ErrandKind.STATUS: Field.STATUS, ErrandKind.PRIORITY: Field.PRIORITY}
    assert wish is None or any(
        draft.side is side and kinds.get(draft.kind, Field.RESOLUTION_NOTE) is field for draft in decision.drafts
    )
    return None if wish is None else wish.value


def texts(decision: Decision, side: Side) -> list[str]:
    return [draft.text for draft in decision.drafts if draft.side is side and draft.kind is ErrandKind.NOTE]
