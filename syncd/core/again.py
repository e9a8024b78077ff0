"""A wish that came to nothing, asked for once more by a person: decided anew, from what both sides say today."""

from __future__ import annotations

from datetime import datetime

from .changes import Actor, Field, FieldSeen, Side, Status, Verb
from .decide import Decision, cross, news, want
from .errand import FIELD_OF_WISH, Errand
from .link import Link
from .mappings import verb_of
from .policy import Rules
from .reasons import Outcome, Reason

_MAY_TAKE_BACK = {Verb.REOPEN: {Verb.REOPEN}, Verb.UNACKNOWLEDGE: {Verb.REOPEN, Verb.UNACKNOWLEDGE}}


def again(
    link: Link,
    errand: Errand,
    by: Actor,
    rules: Rules,
    heard_at: datetime | None = None,
    *,
    is_answered: bool = False,
) -> Decision:
    """Its drafts are what is to be sent; without any, the outcome says why nothing is. Answered: a resolve came after it
    from the side that it goes to; or it is a resolve, and its own side was reopened after it.

    What is on its way to the side that the value is taken from is another opinion, and only one of the two may stand.
    """
    field, on = FIELD_OF_WISH[errand.kind], errand.side.other
    known = link.known.get((on, field))
    is_merged = field is Field.STATUS and bool(link.value(on, Field.MERGED_INTO))
    if known is None or not known.value or is_merged:
        return Decision(link, errand.change, (), Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    if field in link.conflicts:
        return Decision(link, errand.change, (), Outcome.HELD, Reason.CONFLICT)
    if (errand.side, field) in link.wanted:
        return Decision(link, errand.change, (), Outcome.SUPPRESSED, Reason.ON_ITS_WAY)
    chosen = link.chosen(on, field) or ""
    if not is_answered and _is_resolved_and_closed_since(errand, chosen):
        resolved = FieldSeen(field, Status.RESOLVED, by=by, at=known.at, is_certain=True, heard_at=heard_at)
        return want(link, resolved, on, Verb.RESOLVE, rules)
    verb = _verb(link, errand, field, chosen, is_answered=is_answered)
    if verb is None:
        return Decision(link, errand.change, (), Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    seen = FieldSeen(field, chosen, by=by, at=known.at, is_certain=True, heard_at=heard_at)
    is_being_put_back, wish = chosen != known.value, link.wanted.get((on, field))
    is_what_is_wanted = wish is not None and wish.value == chosen  # No echo of that: nothing was written there yet.
    if is_being_put_back or is_what_is_wanted:
        return cross(link, seen, on, verb, rules)
    return news(link, seen, on, verb, rules)


def _is_resolved_and_closed_since(errand: Errand, chosen: str) -> bool:
    """A closing alone resolves no incident, and takes no resolve back either: the incident would go on paging people."""
    return errand.side is Side.INCIDENT and errand.change is Verb.RESOLVE and chosen == Status.CLOSED


def _verb(link: Link, errand: Errand, field: Field, chosen: str, *, is_answered: bool) -> Verb | None:
    """None: the other side has gone further meanwhile, and what was asked then did not ask to take that back."""
    there = link.value(errand.side, field)
    verb = verb_of(field, there, chosen)
    may_take_back = not is_answered and errand.change in _MAY_TAKE_BACK.get(verb, ())
    if verb not in _MAY_TAKE_BACK or may_take_back:
        return verb
    is_still_to_be_told = there == Status.CLOSED and chosen == Status.ACKNOWLEDGED
    return Verb.ACKNOWLEDGE if is_still_to_be_told else None
