"""One row for each rule of what crosses. A new mapping is a row here and a row in core/mappings.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.capabilities import Capabilities
from syncd.core.changes import Field, Side, Status, Verb
from syncd.core.mappings import CROSSINGS, Becomes, becomes, verb_of
from syncd.core.policy import CaseReopened, Policy, Rules, Unacknowledged

CASE, INCIDENT = Side.CASE, Side.INCIDENT
ABLE = Rules(capabilities={CASE: Capabilities(has_resolution_note=True), INCIDENT: Capabilities()})
PLAIN = Rules(
    capabilities={CASE: Capabilities(can_reopen=False, can_unacknowledge=False), INCIDENT: Capabilities()},
)
OBEDIENT = replace(ABLE, policy=Policy(case_reopened=CaseReopened.REOPEN))
DEAF = replace(ABLE, policy=Policy(unacknowledged=Unacknowledged.IGNORE))

RULES = [
    # side, verb, rules, becomes, becomes once the case is closed
    (INCIDENT, Verb.ACKNOWLEDGE, ABLE, Becomes.WISH, Becomes.NOTE),
    (INCIDENT, Verb.RESOLVE, ABLE, Becomes.WISH, Becomes.NOTE),
    (INCIDENT, Verb.UNACKNOWLEDGE, ABLE, Becomes.WISH, Becomes.NOTE),
    (INCIDENT, Verb.UNACKNOWLEDGE, DEAF, Becomes.NOTHING, Becomes.NOTE),
    (INCIDENT, Verb.UNACKNOWLEDGE, PLAIN, Becomes.NOTE, Becomes.NOTE),
    (INCIDENT, Verb.REOPEN, ABLE, Becomes.WISH, Becomes.NOTE),
    (INCIDENT, Verb.REOPEN, PLAIN, Becomes.NOTE, Becomes.NOTE),
    (INCIDENT, Verb.MERGE, ABLE, Becomes.NOTE, Becomes.NOTE),
    (INCIDENT, Verb.PRIORITISE, ABLE, Becomes.WISH, Becomes.NOTE),
    (INCIDENT, Verb.NOTE, ABLE, Becomes.NOTE, Becomes.NOTE),
    (INCIDENT, Verb.RESOLUTION_NOTE, ABLE, Becomes.WISH, Becomes.NOTE),
    (INCIDENT, Verb.RESOLUTION_NOTE, PLAIN, Becomes.NOTE, Becomes.NOTE),
    (CASE, Verb.ACKNOWLEDGE, ABLE, Becomes.WISH, Becomes.NOTE),
    (CASE, Verb.RESOLVE, ABLE, Becomes.WISH, Becomes.NOTE),
    (CASE, Verb.UNACKNOWLEDGE, ABLE, Becomes.NOTE, Becomes.NOTE),
    (CASE, Verb.REOPEN, ABLE, Becomes.NOTE, Becomes.NOTE),
    (CASE, Verb.REOPEN, OBEDIENT, Becomes.WISH, Becomes.NOTE),
    (CASE, Verb.CLOSE, ABLE, Becomes.CLOSING_NOTE, Becomes.CLOSING_NOTE),
    (CASE, Verb.PRIORITISE, ABLE, Becomes.WISH, Becomes.NOTHING),
    (CASE, Verb.NOTE, ABLE, Becomes.NOTE, Becomes.NOTE),
    (CASE, Verb.RESOLUTION_NOTE, ABLE, Becomes.NOTE, Becomes.NOTE),
]


@pytest.mark.parametrize(("side", "verb", "rules", "open_case", "closed_case"), RULES)
def test_what_crosses_and_what_it_becomes(
    side: Side, verb: Verb, rules: Rules, open_case: Becomes, closed_case: Becomes
) -> None:
    assert becomes(side, verb, rules, is_case_closed=False) is open_case
    assert becomes(side, verb, rules, is_case_closed=True) is closed_case


def test_every_rule_has_its_row_here() -> None:
    assert {(side, verb) for side, verb, *_ in RULES} == set(CROSSINGS)


def test_what_has_no_rule_goes_nowhere() -> None:
    assert becomes(INCIDENT, Verb.CLOSE, ABLE, is_case_closed=False) is Becomes.NOTHING


@pytest.mark.parametrize(
    ("before", "now", "verb"),
    [
        (Status.OPEN, Status.ACKNOWLEDGED, Verb.ACKNOWLEDGE),
        (None, Status.ACKNOWLEDGED, Verb.ACKNOWLEDGE),
        (Status.ACKNOWLEDGED, Status.OPEN, Verb.UNACKNOWLEDGE),
        (Status.ACKNOWLEDGED, Status.RESOLVED, Verb.RESOLVE),
        (Status.RESOLVED, Status.OPEN, Verb.REOPEN),
        (Status.RESOLVED, Status.ACKNOWLEDGED, Verb.REOPEN),
        (Status.RESOLVED, Status.CLOSED, Verb.CLOSE),
        (Status.CLOSED, Status.OPEN, Verb.REOPEN),
    ],
)
def test_what_somebody_must_have_done(before: Status | None, now: Status, verb: Verb) -> None:
    assert verb_of(Field.STATUS, before, now) is verb
