"""A person decides a conflict: the value of one side becomes what is wanted of the other, and no text is lost."""

from __future__ import annotations

from dataclasses import replace

from . import instead
from .changes import Actor, Field, FieldSeen, Side
from .decide import cross
from .decision import Decision
from .errand import Draft
from .link import Link, Wish
from .mappings import verb_of
from .policy import Rules
from .reasons import Outcome, Reason


def resolve(link: Link, field: Field, chosen: Side, by: Actor, rules: Rules) -> Decision:
    """The conflict stands on when the value means nothing over there. Without drafts the outcome says why nothing is sent."""
    value = link.chosen(chosen, field) or ""
    verb = verb_of(field, None, value)
    if field is Field.PRIORITY and rules.priorities.across(chosen, value) is None:
        return Decision(link, verb, (), Outcome.IGNORED, Reason.NOT_MAPPED)
    free = link.no_longer_in_conflict(field)
    crossed = cross(free, FieldSeen(field, value, by=by, is_certain=True), chosen, verb, rules)
    if field is not Field.RESOLUTION_NOTE:
        return crossed
    return replace(crossed, drafts=(*crossed.drafts, *_the_other_text(link, chosen, rules)))


def _the_other_text(link: Link, chosen: Side, rules: Rules) -> tuple[Draft, ...]:
    """It lost the field, and is said in a comment, as each text is that cannot be a field."""
    field = Field.RESOLUTION_NOTE
    text, by = link.chosen(chosen.other, field) or "", Actor(link.conflicts[field].by.get(chosen.other, ""))
    if not text:
        return ()
    if chosen is Side.CASE:
        return (instead.resolution_note(Side.CASE, Wish(text, "", by), rules),)
    seen = FieldSeen(field, text, by=by, is_certain=True)
    return cross(link, seen, Side.CASE, verb_of(field, None, text), rules).drafts
