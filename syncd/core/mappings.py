"""What crosses, and what it becomes on the far side.

One row per rule. Adding a mapping means adding a row here and a row to the table in
tests/core/test_mappings.py; nothing else decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .changes import Field, Side, Status, Verb
from .policy import CaseReopened, Rules, Unacknowledged


class Becomes(StrEnum):
    WISH = "wish"  # the far side's field is wanted to have the value
    NOTE = "note"  # a line of text on the far side
    CLOSING_NOTE = "closing_note"  # a line of text, if the far side is still open when its turn comes
    NOTHING = "nothing"


Choice = Callable[[Rules], Becomes]


def _always(becomes: Becomes) -> Choice:
    return lambda _: becomes


def _follow_unacknowledge(rules: Rules) -> Becomes:
    if rules.policy.unacknowledged is Unacknowledged.IGNORE:
        return Becomes.NOTHING
    return Becomes.WISH if rules.capabilities[Side.CASE].can_unacknowledge else Becomes.NOTE


def _follow_reopened_incident(rules: Rules) -> Becomes:
    return Becomes.WISH if rules.capabilities[Side.CASE].can_reopen else Becomes.NOTE


def _follow_reopened_case(rules: Rules) -> Becomes:
    return Becomes.WISH if rules.policy.case_reopened is CaseReopened.REOPEN else Becomes.NOTE


def _to_the_field(rules: Rules) -> Becomes:
    return Becomes.WISH if rules.capabilities[Side.CASE].has_resolution_note else Becomes.NOTE


@dataclass(frozen=True, slots=True)
class Crossing:
    becomes: Choice
    once_closed: Becomes = Becomes.NOTE  # what it becomes when the case is closed


CROSSINGS: dict[tuple[Side, Verb], Crossing] = {
    (Side.INCIDENT, Verb.ACKNOWLEDGE): Crossing(_always(Becomes.WISH)),
    (Side.INCIDENT, Verb.RESOLVE): Crossing(_always(Becomes.WISH)),
    (Side.INCIDENT, Verb.UNACKNOWLEDGE): Crossing(_follow_unacknowledge),
    (Side.INCIDENT, Verb.REOPEN): Crossing(_follow_reopened_incident),
    (Side.INCIDENT, Verb.MERGE): Crossing(_always(Becomes.NOTE)),  # Not a resolve by a person.
    (Side.INCIDENT, Verb.PRIORITISE): Crossing(_always(Becomes.WISH)),
    (Side.INCIDENT, Verb.NOTE): Crossing(_always(Becomes.NOTE)),
    (Side.INCIDENT, Verb.RESOLUTION_NOTE): Crossing(_to_the_field),
    (Side.CASE, Verb.ACKNOWLEDGE): Crossing(_always(Becomes.WISH)),
    (Side.CASE, Verb.RESOLVE): Crossing(_always(Becomes.WISH)),
    (Side.CASE, Verb.UNACKNOWLEDGE): Crossing(_always(Becomes.NOTE)),  # PagerDuty's un-acknowledge is unproven.
    (Side.CASE, Verb.REOPEN): Crossing(_follow_reopened_case),
    (Side.CASE, Verb.CLOSE): Crossing(_always(Becomes.CLOSING_NOTE), Becomes.CLOSING_NOTE),  # No closed state there.
    (Side.CASE, Verb.PRIORITISE): Crossing(_always(Becomes.WISH), Becomes.NOTHING),  # A closed case pushes no state.
    (Side.CASE, Verb.NOTE): Crossing(_always(Becomes.NOTE)),
    (Side.CASE, Verb.RESOLUTION_NOTE): Crossing(_always(Becomes.NOTE)),  # And it rides along when we resolve.
}


def becomes(on: Side, verb: Verb, rules: Rules, *, is_case_closed: bool) -> Becomes:
    crossing = CROSSINGS.get((on, verb))
    if crossing is None:
        return Becomes.NOTHING
    return crossing.once_closed if is_case_closed else crossing.becomes(rules)


def verb_of(field: Field, before: str | None, now: str) -> Verb:
    """What somebody must have done for this field to go from `before` to `now`."""
    match field:
        case Field.PRIORITY:
            return Verb.PRIORITISE
        case Field.RESOLUTION_NOTE:
            return Verb.RESOLUTION_NOTE
        case Field.MERGED_INTO:
            return Verb.MERGE
        case Field.STATUS:
            return _STATUS_VERBS.get((before, now)) or _STATUS_VERBS[None, now]


#: (what we knew, what it says now) -> the verb; None stands for anything else.
_STATUS_VERBS: dict[tuple[str | None, str], Verb] = {
    (Status.RESOLVED, Status.OPEN): Verb.REOPEN,
    (Status.RESOLVED, Status.ACKNOWLEDGED): Verb.REOPEN,
    (Status.CLOSED, Status.OPEN): Verb.REOPEN,
    (Status.CLOSED, Status.ACKNOWLEDGED): Verb.REOPEN,
    (Status.OPEN, Status.OPEN): Verb.OPEN,  # As it began: the hook of an opening, mostly our own.
    (None, Status.OPEN): Verb.UNACKNOWLEDGE,
    (None, Status.ACKNOWLEDGED): Verb.ACKNOWLEDGE,
    (None, Status.RESOLVED): Verb.RESOLVE,
    (None, Status.CLOSED): Verb.CLOSE,
}
