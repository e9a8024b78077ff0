"""What a hook cannot say alone is decided with its record beside it: the record knows which of two changes came last."""

from __future__ import annotations

from dataclasses import replace

from .changes import NOBODY, Field, FieldSeen, Record, Side
from .decide import decide
from .decision import Decision
from .link import Link
from .policy import Rules
from .reasons import Outcome, Reason
from .undone import is_our_own_reopening


def decide_beside(link: Link, seen: FieldSeen, on: Side, record: Record, rules: Rules) -> Decision:
    """For an event that `decide` alone left open. `record` was read after it, and after everything that is known."""
    now = _says(record, seen.field)
    is_back = seen.field is Field.STATUS and link.has_parted(on, record)
    people = record.by.get(seen.field, NOBODY)
    if now == seen.value and people.name and is_our_own_reopening(seen, on):  # They have made it their own since.
        return decide(
            link, FieldSeen(seen.field, now, people, record.at, is_reopening=is_back, is_certain=True), on, rules
        )
    if now == seen.value:
        certain = replace(seen, is_certain=True, at=record.at, is_reopening=seen.is_reopening or is_back)
        return decide(link, certain, on, rules)
    alone = decide(link, seen, on, rules)
    is_still = now in {None, link.value(on, seen.field) or "", link.chosen(on, seen.field)}
    if alone.drafts and is_still:
        return replace(alone, needs_look=False)
    if alone.drafts:  # What the record says now has an event of its own, with a name, and that is still to come.
        return replace(alone, needs_look=False, link=link.saw(on, seen.field, seen.value, seen.at))
    if now is None and link.value(on, Field.MERGED_INTO):
        return Decision(link, alone.change, (), Outcome.SUPPRESSED, Reason.STALE)
    if now is None:  # The record says nothing of it, so the event is the best there is.
        return decide(link, replace(seen, is_certain=True), on, rules)
    return decide(link, FieldSeen(seen.field, now, at=record.at, is_reopening=is_back, is_certain=True), on, rules)


def _says(record: Record, field: Field) -> str | None:
    if field is Field.MERGED_INTO:
        return record.merged_into
    # A merged incident looks resolved; it is only merged.
    return None if field is Field.STATUS and record.merged_into else record.value(field)
