"""A wish that came to nothing, asked for once more by a person: decided anew, from what both sides say today."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from .changes import Actor, Field, FieldSeen, Side, Status, Verb
from .decide import cross, news, want
from .decision import Decision
from .errand import FIELD_OF_WISH, Errand, ErrandKind
from .link import Link
from .mappings import verb_of
from .policy import Rules
from .reasons import Outcome, Reason

_MAY_TAKE_BACK = {Verb.REOPEN: {Verb.REOPEN}, Verb.UNACKNOWLEDGE: {Verb.REOPEN, Verb.UNACKNOWLEDGE}}
#: What a change of a status has left its own side at. Any other status has come by a change of its own.
_BROUGHT: dict[Verb, set[str]] = {
    Verb.ACKNOWLEDGE: {Status.ACKNOWLEDGED},
    Verb.RESOLVE: {Status.RESOLVED},
    Verb.REOPEN: {Status.OPEN, Status.ACKNOWLEDGED},
    Verb.UNACKNOWLEDGE: {Status.OPEN},
}


def again(
    link: Link,
    errand: Errand,
    by: Actor,
    rules: Rules,
    heard_at: datetime | None = None,
    *,
    is_answered: bool = False,
    is_told: bool = False,
) -> Decision:
    """Its drafts are what is to be sent; without any, the outcome says why nothing is. Answered: a resolve came after it
    from the side that it goes to; or it is a resolve, and its own side was reopened after it. Told: a later errand speaks of
    the same change. A field may be brought to its value by any of them, while words are said once, by the one whose they are.

    What is on its way to the side that the value is taken from is another opinion, and only one of the two may stand. Should
    it be that one, the other side may have left it by a write of ours, and is brought back to it.
    """
    if errand.side is Side.CASE and not rules.is_two_way:
        return Decision(link, errand.change, (), Outcome.IGNORED, Reason.SYNC_OFF)
    field, on = FIELD_OF_WISH[errand.kind], errand.side.other
    known = link.known.get((on, field))
    is_merged = field is Field.STATUS and bool(link.value(on, Field.MERGED_INTO))
    if known is None or not known.value or is_merged:
        return Decision(link, errand.change, (), Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    if field in link.conflicts:
        return Decision(link, errand.change, (), Outcome.HELD, Reason.CONFLICT)
    if (errand.side, field) in link.wanted:
        on_its_way = link if is_answered else _reopened_first(link, errand)
        return Decision(on_its_way, errand.change, (), Outcome.SUPPRESSED, Reason.ON_ITS_WAY)
    says = FieldSeen(field, link.chosen(on, field) or "", by=by, at=known.at, is_certain=True, heard_at=heard_at)
    if not is_answered and _is_resolved_and_closed_since(errand, says.value):
        return want(link, replace(says, value=Status.RESOLVED), on, Verb.RESOLVE, rules)
    decision = _brought(link, errand, says, rules, is_answered=is_answered, is_told=is_told)
    wish = link.wanted.get((on, field))
    if wish is None or decision.reason not in {Reason.OVERRULED, Reason.NOT_NEEDED}:
        return decision
    stands = replace(says, value=wish.value)
    brought = _brought(link, errand, stands, rules, is_answered=is_answered, is_told=is_told)
    return brought if brought.drafts else decision


def _brought(
    link: Link, errand: Errand, says: FieldSeen, rules: Rules, *, is_answered: bool, is_told: bool
) -> Decision:
    """The other side to what this one says, or is about to say: what was not written yet is no echo."""
    on = errand.side.other
    verb = _verb(link, errand, says.field, says.value, is_answered=is_answered)
    if verb is None:
        return Decision(link, errand.change, (), Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    wish = link.wanted.get((on, says.field))
    is_to_come = link.value(on, says.field) != says.value or (wish is not None and wish.value == says.value)
    decide = cross if is_to_come else news
    decision = decide(link, says, on, verb, rules)
    is_its_own = says.value in _BROUGHT.get(errand.change, {says.value})
    return decision if is_its_own and not is_told else _without_words(decision, link, errand.side)


def _reopened_first(link: Link, errand: Errand) -> Link:
    """A resolved incident is never acknowledged, unless it was to be reopened before; that had come to nothing."""
    spot = (errand.side, Field.STATUS)
    wish = link.wanted.get(spot)
    is_asked = errand.side is Side.INCIDENT and errand.change is Verb.REOPEN and errand.kind is ErrandKind.STATUS
    if wish is None or not is_asked or wish.value != Status.ACKNOWLEDGED or Status.OPEN in wish.earlier:
        return link
    return link.want(*spot, replace(wish, earlier=(*wish.earlier, Status.OPEN)))


def _without_words(decision: Decision, link: Link, side: Side) -> Decision:
    """What is said in words to the other side was said, or is to be said, by the errand of the change that it tells of."""
    left = tuple(draft for draft in decision.drafts if draft.side is not side or draft.kind in FIELD_OF_WISH)
    if decision.drafts and not left:
        return Decision(link, decision.change, (), Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    return replace(decision, drafts=left)


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
