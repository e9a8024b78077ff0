"""What a connector's row says becomes what the core decides by; what it does not say is the default."""

from __future__ import annotations

import pytest

from syncd.connections.policies import POLICIES
from syncd.connections.rules import rules_of
from syncd.core.capabilities import Capabilities
from syncd.core.changes import Side
from syncd.core.policy import CaseReopened, Policy, PriorityPair, Rules, Unacknowledged, Winner
from syncd.store.connectors import Connector

ABLE = {Side.CASE: Capabilities(has_closed=True), Side.INCIDENT: Capabilities()}
PRIORITIES = [{"case": "P1", "incident": "HIGH", "name": "SEV1"}, {"case": "P2", "incident": "HIGH"}]


def connector(**policy: str) -> Connector:
    return Connector("c", "acme", "cases", "bidirectional", "S", "", PRIORITIES, policy)


def test_priorities_keep_their_order() -> None:
    rules = rules_of(connector(), ABLE)
    assert rules.priorities.pairs == (PriorityPair("P1", "HIGH", "SEV1"), PriorityPair("P2", "HIGH", ""))
    assert rules.priorities.across(Side.INCIDENT, "HIGH") == "P1"
    assert rules.capabilities == ABLE


def test_what_is_not_said_is_the_default() -> None:
    assert rules_of(connector(), ABLE).policy == Policy()
    assert rules_of(None, ABLE) == Rules(capabilities=ABLE)


def test_what_is_said_holds() -> None:
    said = connector(unacknowledged="ignore", case_reopened="reopen", priority="case_wins", title="{{ case }}")
    wanted = Policy(Unacknowledged.IGNORE, CaseReopened.REOPEN, Winner.CASE)
    assert rules_of(said, ABLE).policy == wanted


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in POLICIES.items() for value in values])
def test_every_value_that_may_be_stored_is_understood(name: str, value: str) -> None:
    assert value in {str(one) for one in _parts(rules_of(connector(**{name: value}), ABLE).policy)}


def _parts(policy: Policy) -> tuple[str, ...]:
    return (policy.unacknowledged, policy.case_reopened, policy.priority, policy.note_edits, policy.resolution_note)
