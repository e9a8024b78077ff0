"""decide(link, seen, on, rules) -> Decision: the whole policy of the daemon, and no I/O.

A hook is a hint with a time, not a command: what it says is merged with what we know and what we want.
"""

from __future__ import annotations

from dataclasses import replace

from . import instead, wording
from .changes import Actor, Fate, Field, FieldSeen, NoteSeen, Side, Status, Verb
from .decision import Decision, quiet
from .errand import KIND_OF_WISH, Draft, ErrandKind
from .link import FieldConflict, Known, Link, LinkState, Order, Wish, order
from .mappings import Becomes, becomes, verb_of
from .policy import NoteEdits, Rules
from .reasons import Outcome, Reason
from .undone import (
    is_a_write_too_late,
    is_being_resolved_again,
    is_exact,
    is_our_own_reopening,
    is_our_own_undoing,
    put_back,
    reopened_by_us,
)
from .weigh import is_for_a_person, prevails, without_what_is_left


def decide(link: Link, seen: FieldSeen | NoteSeen, on: Side, rules: Rules) -> Decision:
    """The caller has already set aside notes that are our own or were heard before."""
    decided = _note(link, seen, on, rules) if isinstance(seen, NoteSeen) else _field(link, seen, on, rules)
    return decided if rules.is_two_way or on is Side.CASE else _only_known(link, decided)


def _only_known(before: Link, decided: Decision) -> Decision:
    """Of an account that is synced one way. What the incident says is known, or writes to it would be weighed against what it
    said once; the case is left alone. What is put right on the incident itself goes on.
    """
    of_case = {
        spot: wish for spot, wish in before.wanted.items() if spot[0] is Side.CASE and _still(decided, spot, wish)
    }
    of_incident = {spot: wish for spot, wish in decided.link.wanted.items() if spot[0] is Side.INCIDENT}
    link = replace(decided.link, wanted={**of_case, **of_incident})
    drafts = tuple(draft for draft in decided.drafts if draft.side is Side.INCIDENT)
    known = replace(decided, link=link, drafts=drafts)
    if decided.needs_look or decided.outcome not in {None, Outcome.IGNORED}:
        return known
    return replace(known, outcome=Outcome.IGNORED, reason=Reason.SYNC_OFF)


def _still(decided: Decision, spot: tuple[Side, Field], wish: Wish) -> bool:
    """What was wanted before, and is kept back somewhere, is not wanted any more once the incident says something else."""
    later = decided.link.wanted.get(spot)
    return wish.is_amends or (later is not None and later.value == wish.value)


def _note(link: Link, seen: NoteSeen, on: Side, rules: Rules) -> Decision:
    if seen.fate != Fate.WRITTEN:
        return _note_later(link, seen, on, rules)
    draft = _comment(on.other, Verb.NOTE, seen, rules, text=seen.text, author=_author(on, seen))
    return Decision(link, Verb.NOTE, (draft,))


def _note_later(link: Link, seen: NoteSeen, on: Side, rules: Rules) -> Decision:
    """The comment has no author, since the text says what is known of one."""
    if rules.policy.note_edits is NoteEdits.IGNORE:
        return quiet(link, Verb.NOTE, Outcome.IGNORED, Reason.BY_POLICY)
    text = wording.note_later(seen.fate, on, seen.by, seen.text)
    seen = replace(seen, by=Actor(seen.by.name))  # They are our words, and not for the person to say.
    return Decision(link, Verb.NOTE, (_comment(on.other, Verb.NOTE, seen, rules, text=text, author=""),))


def _field(link: Link, seen: FieldSeen, on: Side, rules: Rules) -> Decision:
    known = link.known.get((on, seen.field))
    is_back = _has_come_back(link, seen, on)
    verb = verb_of(seen.field, Status.RESOLVED if is_back else known.value if known else None, seen.value)
    if known is not None and known.value != seen.value and not seen.is_certain:
        when = order(seen.at, known.at)
        if when is not Order.NEWER:
            return _perhaps_older(link, seen, on, rules, when)
    is_repeat = known is not None and (known.value, known.at) == (seen.value, seen.at) and is_exact(seen)
    if is_our_own_reopening(seen, on) and not is_repeat and not is_being_resolved_again(link, seen):
        return reopened_by_us(link, seen, verb, known)
    if known is not None and is_our_own_undoing(link, seen, on, verb):
        return put_back(link, seen, on, verb, known.value)
    if known is not None and known.value != seen.value and is_a_write_too_late(link, seen, on):
        return put_back(link, seen, on, verb, link.chosen(on, seen.field) or "")
    if seen.field is Field.MERGED_INTO and (known is None or known.value != seen.value):
        return _merged(link, seen, on, verb, rules)
    if _is_of_a_merged_one(link, seen, on):
        parted = _parted(link, seen)
        if parted is Order.UNSURE:
            return Decision(link, verb, needs_look=True)
        link = link.saw(on, Field.MERGED_INTO, "", seen.at) if parted is Order.NEWER else link
    if known is not None and known.value == seen.value and not is_back and not seen.note_id:
        reason = Reason.ECHO if seen.by.is_us else Reason.UNCHANGED
        return quiet(link.saw(on, seen.field, seen.value, seen.at), verb, Outcome.SUPPRESSED, reason)
    return news(link.saw(on, seen.field, seen.value, seen.at), seen, on, verb, rules)


def _perhaps_older(link: Link, seen: FieldSeen, on: Side, rules: Rules, when: Order) -> Decision:
    verb = verb_of(seen.field, None, seen.value)  # Not what it would be after what is known.
    is_merge = seen.field is Field.MERGED_INTO and bool(seen.value) and when is Order.UNSURE
    if not seen.is_replayed and (is_merge or _is_only_told(link, seen, on)):  # A replay tells it to nobody twice.
        return replace(_told(link, seen, on, verb, rules), link=link, needs_look=when is Order.UNSURE)
    if when is Order.UNSURE and not seen.note_id:
        return Decision(link, verb, needs_look=True)
    if seen.field is Field.RESOLUTION_NOTE and seen.note_id:
        return _told(link, seen, on, verb, rules)  # Perhaps older, but a text of its own: keep it where people read.
    return quiet(link, verb, Outcome.SUPPRESSED, Reason.STALE)


def _parted(link: Link, moved: FieldSeen) -> Order:
    """Whether this status came after the merge that we know of."""
    merged = link.known[Side.INCIDENT, Field.MERGED_INTO]
    return Order.NEWER if moved.is_certain else order(moved.at, merged.at)


def _merged(link: Link, seen: FieldSeen, on: Side, verb: Verb, rules: Rules) -> Decision:
    """Always said. Its status is left as it was known: should somebody really resolve it later, that must be news."""
    if not seen.value:
        return quiet(link, verb, Outcome.SUPPRESSED, Reason.UNCHANGED)
    status = link.known.get((on, Field.STATUS))
    is_past = status is not None and status.at is not None and not seen.is_certain
    when = order(seen.at, status.at) if is_past and status is not None else Order.NEWER
    told = _told(link, seen, on, verb, rules)
    if when is Order.UNSURE:
        return replace(told, link=link, needs_look=True)
    if when is Order.OLDER and status is not None:  # What was done after the merge was heard of before it.
        return replace(told, link=link.saw(on, seen.field, "", status.at))
    return replace(told, link=link.saw(on, seen.field, seen.value, seen.at))


def _has_come_back(link: Link, seen: FieldSeen, on: Side) -> bool:
    """Resolved or merged, and reopened since, and the value is the one that was known before."""
    known = link.known.get((on, seen.field))
    if known is None or known.value != seen.value:
        return False
    if _is_of_a_merged_one(link, seen, on):
        return _parted(link, seen) is Order.NEWER
    is_repeat = known.at == seen.at
    return seen.is_reopening and not is_repeat and (seen.is_certain or order(seen.at, known.at) is not Order.OLDER)


def _is_of_a_merged_one(link: Link, seen: FieldSeen, on: Side) -> bool:
    """Whoever moves its status later has parted it, also by a resolve: as merged it looks resolved already."""
    return seen.field is Field.STATUS and bool(link.value(on, Field.MERGED_INTO))


def news(link: Link, seen: FieldSeen, on: Side, verb: Verb, rules: Rules) -> Decision:
    """It may meet a wish for that side, and then one of the two stands. `link` knows of it already."""
    wish = link.wanted.get((on, seen.field))
    if wish is not None and wish.value == seen.value:
        return quiet(link, verb, Outcome.SUPPRESSED, Reason.ECHO)
    if seen.field in link.conflicts:
        return _still_in_conflict(link, seen, on, verb, rules)
    is_closing = on is Side.CASE and seen.value == Status.CLOSED  # What was wanted is said in a comment at its turn.
    if wish is not None and not is_closing:
        is_ours = seen.value in wish.earlier and (seen.by.is_us or not seen.by.name)  # What was wanted before this.
        if not is_ours and _is_conflict(link, seen, wish, rules):
            return _conflict(link, seen, on, wish, verb)
        if is_ours or not prevails(seen.field, on, seen.value, wish, rules, seen.heard_at):
            kept = without_what_is_left(link.want(on, seen.field, replace(wish, base=seen.value)), seen, on, wish)
            if not is_ours and seen.field is Field.RESOLUTION_NOTE and seen.value:
                return _told(kept, seen, on, verb, rules)  # The field is written over, and the text is not lost.
            return quiet(kept, verb, Outcome.SUPPRESSED, Reason.OVERRULED)
        link = link.no_longer_want(on, seen.field)
    crossed = cross(link, seen, on, verb, rules)
    if wish is not None and seen.field is Field.RESOLUTION_NOTE:
        return replace(crossed, drafts=(instead.resolution_note(on, wish, rules), *crossed.drafts))
    return crossed


def _is_conflict(link: Link, seen: FieldSeen, wish: Wish, rules: Rules) -> bool:
    return is_for_a_person(seen.field, seen.value, wish, rules) and not is_agreed(link, seen.field, rules)


def _conflict(link: Link, seen: FieldSeen, on: Side, wish: Wish, verb: Verb) -> Decision:
    link = link.no_longer_want(on, seen.field)
    both = FieldConflict({on: seen.by.name, on.other: wish.by.name}, on, (wish.value, *wish.earlier))
    return quiet(link.in_conflict(seen.field, both), verb, Outcome.HELD, Reason.CONFLICT)


def _still_in_conflict(link: Link, seen: FieldSeen, on: Side, verb: Verb, rules: Rules) -> Decision:
    """The item follows what people do, and nothing is sent. `link` knows of it already."""
    link = link.no_longer_want(on, seen.field)  # What was to be put back is not what they want any more.
    if is_agreed(link, seen.field, rules):
        return quiet(link.no_longer_in_conflict(seen.field), verb, Outcome.SUPPRESSED, Reason.AGREED)
    before = link.conflicts[seen.field]
    link = link.in_conflict(seen.field, replace(before, by={**before.by, on: seen.by.name}))
    return quiet(link, verb, Outcome.HELD, Reason.CONFLICT)


def is_agreed(link: Link, field: Field, rules: Rules) -> bool:
    case, incident = (link.chosen(side, field) or "" for side in Side)
    if field is Field.PRIORITY:
        return rules.priorities.means_the_same(case, incident)
    return case == incident


def cross(link: Link, seen: FieldSeen, on: Side, verb: Verb, rules: Rules) -> Decision:
    """What news of one side comes to on the other. `link` knows of it already."""
    crossing = _as_the_case_would(link, seen, verb) if on is Side.INCIDENT else verb
    if crossing is None and not _takes_nothing_back(link, on, verb, rules):
        return want(link, seen, on, verb, rules)
    crossing = crossing or verb
    match becomes(on, crossing, rules, is_case_closed=link.is_case_closed):
        case Becomes.WISH:
            # A reopening that is on its way stays one when it is aimed anew by an unacknowledge.
            return want(link, seen, on, crossing if crossing is Verb.REOPEN else verb, rules)
        case Becomes.NOTE:
            return _told(link, seen, on, verb, rules)
        case Becomes.CLOSING_NOTE:
            text = wording.case_closed(seen.by, link.case_id)
            draft = Draft(on.other, ErrandKind.CLOSING_NOTE, verb, text, by=seen.by, occurred_at=seen.at)
            return Decision(link, verb, (draft,))
        case Becomes.NOTHING if (on.other, seen.field) in link.wanted and link.is_case_closed:
            return want(link, seen, on, verb, rules)  # What is about to be written may as well be right.
        case Becomes.NOTHING if seen.field is Field.PRIORITY and on is Side.CASE and _is_still_to_be_opened(link):
            return want(
                link, seen, on, verb, rules
            )  # It may be there already, with the priority that the case had before.
        case Becomes.NOTHING:
            reason = Reason.CASE_CLOSED if link.is_case_closed else Reason.BY_POLICY
            if verb is Verb.REOPEN:
                link = link.no_longer_want(on.other, seen.field)  # A resolve not yet sent has lost its cause.
            return quiet(link, verb, Outcome.IGNORED, reason)


def _is_still_to_be_opened(link: Link) -> bool:
    return link.state in {LinkState.OPENING, LinkState.FAILED}


def _takes_nothing_back(link: Link, on: Side, verb: Verb, rules: Rules) -> bool:
    """An unacknowledge that the case does not follow takes back no acknowledge that is on its way: it may be there already."""
    wish = link.wanted.get((on.other, Field.STATUS))
    is_on_its_way = wish is not None and wish.value == Status.ACKNOWLEDGED
    is_followed = becomes(on, verb, rules, is_case_closed=link.is_case_closed) is Becomes.WISH
    return verb is Verb.UNACKNOWLEDGE and is_on_its_way and not is_followed and not link.is_case_closed


def _as_the_case_would(link: Link, seen: FieldSeen, verb: Verb) -> Verb | None:
    """Whether it can follow depends on where it stands: an incident reopened may find a case that was never resolved,
    or one that is there already or on its way (None).
    """
    there, wish = link.value(Side.CASE, seen.field), link.wanted.get((Side.CASE, seen.field))
    is_back = seen.field is Field.STATUS and seen.value in {Status.OPEN, Status.ACKNOWLEDGED}
    if not is_back or there is None:
        return verb
    is_on_its_way = wish is not None and wish.value == seen.value
    return None if is_on_its_way or there == seen.value else verb_of(seen.field, there, seen.value)


def want(link: Link, seen: FieldSeen, on: Side, verb: Verb, rules: Rules) -> Decision:
    far = on.other
    value = rules.priorities.across(on, seen.value) if seen.field is Field.PRIORITY else seen.value
    if value is None:
        return quiet(link, verb, Outcome.IGNORED, Reason.NOT_MAPPED)
    known, wish = link.known.get((far, seen.field)), link.wanted.get((far, seen.field))
    if wish is None and known is not None and _is_in_step(seen, on, known.value, value, rules):
        return quiet(link, verb, Outcome.SUPPRESSED, Reason.IN_STEP)
    if on is Side.CASE and value == Status.ACKNOWLEDGED and _is_being_reopened(verb, known, wish):
        value = Status.OPEN  # It is never acknowledged while it is resolved; `answered` asks for that afterwards.
    earlier = () if wish is None else (*(one for one in wish.earlier if one != wish.value), wish.value)
    earlier = tuple(one for one in earlier if one != value)
    aimed = Wish(value, known.value if known else "", seen.by, earlier=earlier, heard_at=seen.heard_at)
    link = link.want(far, seen.field, aimed)
    return Decision(link, verb, (Draft(far, KIND_OF_WISH[seen.field], verb, by=seen.by, occurred_at=seen.at),))


def _is_being_reopened(verb: Verb, known: Known | None, wish: Wish | None) -> bool:
    asked = None if wish is None else wish.value
    is_asked = verb is Verb.REOPEN or asked == Status.OPEN
    return is_asked and Status.RESOLVED in {asked, None if known is None else known.value}


def _is_in_step(seen: FieldSeen, on: Side, far_value: str, wanted: str, rules: Rules) -> bool:
    if far_value == wanted:
        return True
    if seen.field is not Field.PRIORITY:
        return False
    case, incident = (seen.value, far_value) if on is Side.CASE else (far_value, seen.value)
    return rules.priorities.means_the_same(case, incident)


def _told(link: Link, seen: FieldSeen, on: Side, verb: Verb, rules: Rules) -> Decision:
    """What cannot be a field over there is said in words, so that nothing is lost."""
    author = ""
    if seen.field is Field.RESOLUTION_NOTE:
        text = wording.resolution_note(seen.value)
        author = wording.in_pagerduty(seen.by) if on is Side.INCIDENT else ""
    elif on is Side.CASE:
        text = wording.case_moved(verb, seen.by)
    elif seen.field is Field.MERGED_INTO:
        text = wording.incident_merged(seen.value, seen.by)
    elif seen.field is Field.PRIORITY:
        text = wording.incident_prioritised(rules.priorities.called(seen.value), seen.by)
    else:
        text = wording.incident_moved(verb, seen.by, is_case_closed=link.is_case_closed)
    draft = _comment(on.other, verb, seen, rules, text=text, author=author)
    if seen.field is Field.MERGED_INTO:
        return Decision(link, verb, (draft,), Outcome.IGNORED, Reason.MERGED)
    if verb in {Verb.REOPEN, Verb.UNACKNOWLEDGE} or (link.is_case_closed and seen.field is not Field.RESOLUTION_NOTE):
        wish = link.wanted.get((on.other, seen.field))
        if wish is not None and wish.value != seen.value and not wish.is_amends:
            link = link.no_longer_want(on.other, seen.field)  # What was not yet sent has lost its cause.
        if _is_also_a_step_ahead(link, seen, on):
            ahead = want(link, seen, on, Verb.ACKNOWLEDGE, rules)
            return replace(ahead, change=verb, drafts=(draft, *ahead.drafts))
        if rules.is_two_way and _can_follow_at_last(link, seen, on, verb):
            acknowledged = FieldSeen(seen.field, Status.ACKNOWLEDGED, heard_at=seen.heard_at)
            behind = want(link, acknowledged, on.other, Verb.ACKNOWLEDGE, rules)
            return replace(behind, change=verb, drafts=(draft, *behind.drafts))
    return Decision(link, verb, (draft,))


def _is_also_a_step_ahead(link: Link, seen: FieldSeen, on: Side) -> bool:
    """Reopened and acknowledged at one go, and nobody has acknowledged the other side: that much can be followed."""
    return seen.value == Status.ACKNOWLEDGED and link.value(on.other, Field.STATUS) in {None, Status.OPEN}


def _can_follow_at_last(link: Link, seen: FieldSeen, on: Side, verb: Verb) -> bool:
    """A resolved case was told in words that its incident is acknowledged, and now it is open again: or it was all the time."""
    is_open_again = on is Side.CASE and verb is Verb.REOPEN and seen.value == Status.OPEN and not seen.by.is_us
    return is_open_again and link.value(Side.INCIDENT, Field.STATUS) == Status.ACKNOWLEDGED


def _comment(side: Side, change: Verb, seen: FieldSeen | NoteSeen, rules: Rules, *, text: str, author: str) -> Draft:
    can = rules.capabilities[side]
    if author and not can.names_authors:
        text, author = wording.said_by(author, text), ""
    return Draft(side, ErrandKind.NOTE, change, wording.as_note(text, can), author, seen.by, seen.at)


def _author(on: Side, seen: NoteSeen) -> str:
    return wording.in_pagerduty(seen.by) if on is Side.INCIDENT else wording.on_the_case(seen.by)


def _is_only_told(link: Link, seen: FieldSeen, on: Side) -> bool:
    """It moves nothing any more, so that its place among the others need not be known."""
    is_plain = seen.field in {Field.STATUS, Field.PRIORITY} and not (seen.is_reopening or seen.by.is_us)
    return link.is_case_closed and on is Side.INCIDENT and is_plain and not link.value(on, Field.MERGED_INTO)
