"""An errand's turn has come: is there still something to do, and what exactly? The value of a wish is taken here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import instead, wording
from .changes import Field, Side, Status, Verb
from .errand import FIELD_OF_WISH, Draft, Errand, ErrandKind
from .link import Link, LinkState, Wish
from .policy import Rules
from .reasons import Outcome, Reason

_WORDS = frozenset({ErrandKind.NOTE, ErrandKind.CLOSING_NOTE})
_OF_THE_LINK = frozenset({Verb.OPEN, Verb.LINK})  # changes that syncd tells the case of by itself
ONLY_OBSERVED = "Only observed."  # how each of these sentences begins
#: Why a link is ended whose account is written to again.
WAS_OBSERVED = (
    "Its opening was only told, since the account was observed then; a replay of that delivery opens the incident."
)


@dataclass(frozen=True, slots=True)
class Go:
    wish: Wish | None = None
    may_open: bool = True  # False: only find out whether an earlier attempt opened it


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Its row is written now, and what takes its place is written in the same transaction."""

    link: Link
    outcome: Outcome
    reason: Reason
    drafts: tuple[Draft, ...] = ()


def prepare(link: Link, errand: Errand, rules: Rules) -> Go | Withdraw:
    if errand.kind is ErrandKind.OPEN:
        return _opening(link, errand)
    if link.state is LinkState.ENDED:
        return _ended(link, errand)
    field = FIELD_OF_WISH.get(errand.kind)
    if _is_switched_off(link, errand, field, rules):
        left = link if field is None else link.no_longer_want(Side.CASE, field)
        return Withdraw(left, Outcome.IGNORED, Reason.SYNC_OFF)
    if field is None:
        is_said = errand.kind in _WORDS and not rules.capabilities[errand.side].takes_notes
        return Withdraw(link, Outcome.IGNORED, Reason.ONE_WAY) if is_said else Go()
    return _of_field(link, errand, field, rules)


def _of_field(link: Link, errand: Errand, field: Field, rules: Rules) -> Go | Withdraw:
    wish = link.wanted.get((errand.side, field))
    if wish is None and field in link.conflicts:
        return Withdraw(link, Outcome.HELD, Reason.CONFLICT)
    if wish is None:
        return Withdraw(link, Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    if errand.side is Side.CASE and link.is_case_closed and not wish.is_amends:
        return closed_instead(link, errand, field, wish, rules)
    if _would_open_another(link, errand, rules):
        believed = link.no_longer_want(errand.side, field).saw(errand.side, field, wish.value, None)
        return Withdraw(believed, Outcome.IGNORED, Reason.ONE_WAY)
    return Go(wish)


def _is_switched_off(link: Link, errand: Errand, field: Field | None, rules: Rules) -> bool:
    """It was asked for while both ways were synced, and then kept. What may have landed is looked for as ever, or it would be taken for
    a person's; a person's own value is put back, and what syncd says of its own incident is said.
    """
    if rules.is_two_way or errand.side is not Side.CASE or errand.is_doubtful or errand.change in _OF_THE_LINK:
        return False
    wish = None if field is None else link.wanted.get((Side.CASE, field))
    return field is None or (wish is not None and not wish.is_amends)


def _would_open_another(link: Link, errand: Errand, rules: Rules) -> bool:
    """Who only takes events hears of a priority by another trigger, and of a resolved alert that makes a new incident.

    Should it be triggered anew, that says the priority as well: it is believed from now on.
    """
    is_told_by_a_trigger = errand.kind is ErrandKind.PRIORITY and not rules.capabilities[errand.side].can_be_read
    return is_told_by_a_trigger and link.value(errand.side, Field.STATUS) == Status.RESOLVED


def never_to_open(link: Link) -> Link:
    """It was only told what would be opened: nothing follows until a person replays that."""
    return replace(link, state=LinkState.ENDED, wanted={})


def would(errand: Errand, value: str, rules: Rules) -> str:
    """What a write to an account that is only observed would have been, for its row."""
    match errand.kind:
        case ErrandKind.OPEN:
            return f"{ONLY_OBSERVED} It would open an incident: {value}"
        case ErrandKind.LINK:
            return f"{ONLY_OBSERVED} It would show this address: {errand.text}"
        case ErrandKind.NOTE | ErrandKind.CLOSING_NOTE:
            return f"{ONLY_OBSERVED} It would add this: {errand.text}"
        case _:
            field, shown = FIELD_OF_WISH[errand.kind], for_people(errand, value, rules)
            return f"{ONLY_OBSERVED} It would set the {field.replace('_', ' ')} to {shown or 'nothing'}."


def for_people(errand: Errand, value: str, rules: Rules) -> str:
    """A priority by its name: nobody knows the ids that PagerDuty gives them."""
    is_an_id = errand.kind is ErrandKind.PRIORITY and errand.side is Side.INCIDENT
    return rules.priorities.called(value) if is_an_id else value


def _ended(link: Link, errand: Errand) -> Withdraw:
    """What was wished for is no longer: should the opening be replayed, that decides it anew."""
    if errand.kind in FIELD_OF_WISH:
        link = link.no_longer_want(errand.side, FIELD_OF_WISH[errand.kind])
    if link.is_case_over:
        return Withdraw(link, Outcome.IGNORED, Reason.CASE_OVER)
    return Withdraw(link, Outcome.PARKED, Reason.PARKED)


def _opening(link: Link, errand: Errand) -> Go | Withdraw:
    if not (link.is_case_over or errand.is_put_aside):
        return Go()
    if errand.is_doubtful:
        return Go(may_open=False)
    return case_over(link)


def case_over(link: Link) -> Withdraw:
    return Withdraw(replace(link, state=LinkState.ENDED, wanted={}), Outcome.IGNORED, Reason.CASE_OVER)


def closed_instead(link: Link, errand: Errand, field: Field, wish: Wish, rules: Rules) -> Withdraw:
    """A closed case keeps its state; what would have changed it is said in a comment."""
    can = rules.capabilities[Side.CASE]
    match field:
        case Field.PRIORITY:
            text = wording.incident_prioritised(wish.value, wish.by)
        case Field.RESOLUTION_NOTE:
            return _said(link, field, instead.resolution_note(Side.CASE, wish, rules))
        case _:
            text = wording.incident_moved(_verb(wish), wish.by, is_case_closed=True)
    draft = Draft(Side.CASE, ErrandKind.NOTE, errand.change, wording.as_note(text, can), by=wish.by)
    return _said(link, field, draft)


def _said(link: Link, field: Field, draft: Draft) -> Withdraw:
    return Withdraw(link.no_longer_want(Side.CASE, field), Outcome.IGNORED, Reason.CASE_CLOSED, (draft,))


def _verb(wish: Wish) -> Verb:
    match wish.value:
        case Status.ACKNOWLEDGED:
            return Verb.ACKNOWLEDGE
        case Status.RESOLVED:
            return Verb.RESOLVE
        case _:
            return Verb.REOPEN
