"""What a team may choose for a connector: the words there are, and those that are in force."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.policy import CaseReopened, NoteEdits, Policy, Unacknowledged, Winner
from syncd.errors import Conflict, Misconfigured

from .templates import checked

POLICIES: Mapping[str, tuple[str, ...]] = {
    "unacknowledged": tuple(Unacknowledged),
    "case_reopened": tuple(CaseReopened),
    "priority": tuple(Winner),
    "note_edits": tuple(NoteEdits),
    "resolution_note": tuple(Winner),
}
TEMPLATES = ("title", "body")
SENT = ("case_reopened", *TEMPLATES)  # what a connector that hears nothing may choose


def checked_policy(policy: Mapping[str, str]) -> Mapping[str, str]:
    if "path" in policy:
        raise Conflict("The path of a connector is fixed once it is made; make another connector with the other path.")
    for name, value in policy.items():
        if name in TEMPLATES and value.strip():
            checked(value)
        elif value not in POLICIES.get(name, ()):
            raise Misconfigured(f"{name} = {value} is no policy; there are {', '.join(_known())}.")
    return policy


def in_force(policy: Mapping[str, str]) -> Mapping[str, str]:
    """What was chosen, and for the rest what syncd does by itself; of a template nothing, where none was given."""
    usual = {name: str(getattr(Policy(), name)) for name in POLICIES}
    return {**usual, **dict.fromkeys(TEMPLATES, ""), **policy}


def _known() -> list[str]:
    words = [f"{name} = {' or '.join(values)}" for name, values in POLICIES.items()]
    return [*words, *(f"{name} = a template" for name in TEMPLATES)]
