"""Which of two values stands, by what a record says at the moment of writing."""

from __future__ import annotations

import pytest

from syncd.core.changes import Field, Record, Side, Status
from syncd.core.link import Wish
from syncd.core.policy import Policy, PriorityMap, PriorityPair, Rules, Winner
from syncd.core.weigh import Verdict, weigh, weigh_record

OPEN, ACK, RESOLVED, CLOSED = Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED, Status.CLOSED
CASE, INCIDENT = Side.CASE, Side.INCIDENT
MANY = PriorityMap((PriorityPair("P4", "LOW"), PriorityPair("P4", "LOWEST"), PriorityPair("P1", "HIGH")))
RULES = Rules(priorities=MANY)
CASE_WINS = Rules(policy=Policy(priority=Winner.CASE), priorities=MANY)


@pytest.mark.parametrize(
    ("side", "current", "base", "wanted", "verdict"),
    [
        (INCIDENT, OPEN, OPEN, ACK, Verdict.WRITE),
        (INCIDENT, ACK, OPEN, ACK, Verdict.ALREADY),
        (INCIDENT, RESOLVED, OPEN, ACK, Verdict.KEEP),  # It crossed a resolve: acknowledging would reopen it.
        (INCIDENT, RESOLVED, RESOLVED, ACK, Verdict.WOULD_REOPEN),
        (INCIDENT, ACK, OPEN, RESOLVED, Verdict.WRITE),  # A resolve beats an acknowledgement made meanwhile.
        (CASE, RESOLVED, ACK, OPEN, Verdict.KEEP),
        (CASE, CLOSED, OPEN, RESOLVED, Verdict.KEEP),
        (CASE, CLOSED, CLOSED, OPEN, Verdict.KEEP),
        (CASE, RESOLVED, RESOLVED, OPEN, Verdict.WRITE),  # A reopened incident opens its case.
    ],
)
def test_status(side: Side, current: str, base: str, wanted: str, verdict: Verdict) -> None:
    assert weigh(Field.STATUS, side, current, Wish(wanted, base), RULES) is verdict


@pytest.mark.parametrize(
    ("rules", "side", "current", "base", "wanted", "verdict"),
    [
        (RULES, INCIDENT, "LOW", "LOW", "HIGH", Verdict.WRITE),
        (RULES, INCIDENT, "LOWEST", "HIGH", "LOW", Verdict.ALREADY),  # It means what the case says already.
        (RULES, INCIDENT, "LOW", "", "HIGH", Verdict.KEEP),  # Somebody changed it there: PagerDuty's wins.
        (RULES, CASE, "P1", "P4", "P5", Verdict.WRITE),
        (CASE_WINS, INCIDENT, "LOW", "", "HIGH", Verdict.WRITE),
        (CASE_WINS, CASE, "P1", "P4", "P5", Verdict.KEEP),
    ],
)
def test_priority(rules: Rules, side: Side, current: str, base: str, wanted: str, verdict: Verdict) -> None:
    assert weigh(Field.PRIORITY, side, current, Wish(wanted, base), rules) is verdict


@pytest.mark.parametrize(("into", "verdict"), [("", Verdict.WRITE), ("Q2", Verdict.KEEP)])
def test_a_merged_incident_looks_resolved_and_is_not_reopened(into: str, verdict: Verdict) -> None:
    """Found by seed 329698: a reopening of the case was under way when people merged the incident, and parted it again."""
    record = Record("Q1", RESOLVED, merged_into=into)
    assert weigh_record(Field.STATUS, INCIDENT, record, Wish(OPEN, RESOLVED), RULES) is verdict
