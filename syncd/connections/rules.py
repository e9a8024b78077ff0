"""From a connector's row to the rules that the core decides by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncd.core.capabilities import Capabilities
from syncd.core.changes import Side
from syncd.core.policy import CaseReopened, NoteEdits, Policy, PriorityMap, PriorityPair, Rules, Unacknowledged, Winner
from syncd.store.connectors import Connector


def rules_of(
    connector: Connector | None,
    capabilities: Mapping[Side, Capabilities],
    priorities: tuple[PriorityPair, ...] = (),
    *,
    is_two_way: bool = True,
) -> Rules:
    """`priorities` are those of the preset that the incident was opened by, in place of the connector's."""
    found = _rules_of(connector, capabilities, priorities)
    return found if is_two_way else _one_way(found)


def _one_way(rules: Rules) -> Rules:
    """Whatever a team has chosen for two: of two changes at once only the case's is carried over."""
    policy = replace(rules.policy, priority=Winner.CASE, resolution_note=Winner.CASE)
    return replace(rules, policy=policy, is_two_way=False)


def _rules_of(
    connector: Connector | None, capabilities: Mapping[Side, Capabilities], priorities: tuple[PriorityPair, ...]
) -> Rules:
    if connector is None:
        return Rules(priorities=PriorityMap(priorities), capabilities=capabilities)
    pairs = tuple(PriorityPair(one["case"], one["incident"], one.get("name", "")) for one in connector.priorities)
    return Rules(_policy(connector.policy), PriorityMap(priorities or pairs), capabilities)


def _policy(stored: Mapping[str, str]) -> Policy:
    default = Policy()
    return Policy(
        Unacknowledged(stored.get("unacknowledged", default.unacknowledged)),
        CaseReopened(stored.get("case_reopened", default.case_reopened)),
        Winner(stored.get("priority", default.priority)),
        NoteEdits(stored.get("note_edits", default.note_edits)),
        Winner(stored.get("resolution_note", default.resolution_note)),
    )
