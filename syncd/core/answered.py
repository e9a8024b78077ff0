"""An errand came back. What it wrote is believed, what it read is news, and what was asked is asked no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from . import instead, wording
from .changes import NOBODY, Field, FieldSeen, Record, Side, Status, Verb
from .decide import decide, is_agreed
from .decision import Decision
from .errand import FIELD_OF_WISH, Draft, Errand, ErrandKind
from .link import Known, Link, LinkState, Order, Wish, order
from .policy import CaseReopened, Rules
from .prepare import closed_instead
from .reasons import Outcome, Reason
from .weigh import Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt ended when the far side did answer."""

    verdict: Verdict
    record: Record | None = None  # the record as the far side gave it, after the write where there was one
    note_id: str = ""
    note_text: str = ""  # as it stands there
    told: str = ""  # for its row, more than the reason says


@dataclass(frozen=True, slots=True)
class Settled:
    link: Link
    outcome: Outcome
    reason: Reason
    drafts: tuple[Draft, ...] = ()
    news: tuple[Decision, ...] = ()  # what the answer told besides, already folded into `link` and `drafts`
    needs_look: bool = False  # the order of two changes cannot be told: read the record again
    is_alarming: bool = False


_ROW = {
    Verdict.WRITE: (Outcome.APPLIED, Reason.CHANGED),
    Verdict.ALREADY: (Outcome.SUPPRESSED, Reason.IN_STEP),
    Verdict.KEEP: (Outcome.SUPPRESSED, Reason.OVERRULED),
    Verdict.HEAR: (Outcome.RETRYING, Reason.OUTDATED),
    Verdict.WOULD_REOPEN: (Outcome.SUPPRESSED, Reason.WOULD_REOPEN),
}


def answered(link: Link, errand: Errand, asked: Wish | None, answer: Answer, rules: Rules) -> Settled:
    """`asked` is the wish as it was when the errand was claimed; `link` is as it is now."""
    outcome, reason = _ROW[answer.verdict]
    field = FIELD_OF_WISH.get(errand.kind)
    if field is None or asked is None:
        reason = Reason.NOTED if outcome is Outcome.APPLIED and errand.kind is not ErrandKind.LINK else reason
        settled = Settled(link, outcome, reason)
    else:
        settled = _wish_settled(Settled(link, outcome, reason), errand, field, asked, answer, rules)
    if answer.record is not None:
        settled = _read(settled, errand.side, answer.record, field, answer.verdict, rules)
    if field is not None and answer.verdict is Verdict.HEAR:
        settled = _heard_first(settled, errand, field)
    return settled if field is None else _perhaps_agreed(settled, field, errand.change, rules)


def _heard_first(so_far: Settled, errand: Errand, field: Field) -> Settled:
    """What had come in the way of the write was heard. The write is still to be made, unless that has ended it."""
    link, side = so_far.link, errand.side
    wish = link.wanted.get((side, field))
    if wish is None and field in link.conflicts:
        return replace(so_far, outcome=Outcome.HELD, reason=Reason.CONFLICT)
    if wish is None:
        return replace(so_far, outcome=Outcome.SUPPRESSED, reason=Reason.OVERRULED)
    again = Draft(side, errand.kind, errand.change, by=wish.by, is_after_a_look=so_far.needs_look)
    link = link.want(side, field, replace(wish, base=link.value(side, field) or ""))
    return replace(so_far, link=link, drafts=(*so_far.drafts, again))


def _perhaps_agreed(so_far: Settled, field: Field, change: Verb, rules: Rules) -> Settled:
    """A write that had been under way may have ended a conflict, and so may one that puts back and was refused."""
    link = so_far.link
    if field not in link.conflicts or not is_agreed(link, field, rules):
        return so_far
    over = Decision(link.no_longer_in_conflict(field), change, (), Outcome.SUPPRESSED, Reason.AGREED)
    return replace(so_far, link=over.link, news=(*so_far.news, over))


def _wish_settled(so_far: Settled, errand: Errand, field: Field, asked: Wish, answer: Answer, rules: Rules) -> Settled:
    link, side = so_far.link, errand.side
    if answer.verdict is Verdict.HEAR:
        return so_far
    now = link.wanted.get((side, field))
    is_merged = field is Field.STATUS and answer.record is not None and bool(answer.record.merged_into)
    if answer.verdict in {Verdict.KEEP, Verdict.WOULD_REOPEN} or is_merged:
        return _left(so_far, errand, field, asked, answer, rules) if _same(now, asked) else so_far
    says = answer.record.value(field) if answer.record else asked.value
    landed = says if says is not None else asked.value
    if now is None:
        return _unwanted(so_far, errand, field, asked, landed, answer, rules)
    return _written(so_far, errand, field, asked, now, landed, answer, rules)


def _written(
    so_far: Settled,
    errand: Errand,
    field: Field,
    asked: Wish,
    now: Wish,
    landed: str,
    answer: Answer,
    rules: Rules,
) -> Settled:
    link, side = so_far.link, errand.side
    at = answer.record.at if answer.record else None
    before = link.known.get((side, field))
    is_changed = _is_changed(answer, asked, landed)
    link = link.saw(side, field, asked.value if is_changed else landed, at)
    if now.value == asked.value:
        done = replace(so_far, link=link.no_longer_want(side, field))
        so_far = _acknowledged_next(_amends_made(done, errand, field, now, answer), errand, field, asked)
    else:
        earlier = tuple(one for one in now.earlier if one != landed)
        so_far = replace(so_far, link=link.want(side, field, replace(now, base=landed, earlier=earlier)))
    if is_changed:
        so_far = _heard(so_far, side, FieldSeen(field, landed, at=at, is_certain=True), rules)
    return _overtaken(so_far, side, field, before, landed, at, rules)


def _is_changed(answer: Answer, asked: Wish, landed: str) -> bool:
    """Somebody changed it between our write and reading it back."""
    return answer.verdict is Verdict.WRITE and landed != asked.value


def _overtaken(
    so_far: Settled, side: Side, field: Field, before: Known | None, landed: str, at: datetime | None, rules: Rules
) -> Settled:
    """A hook with later news may have come before this answer: it was overruled, or told nothing new then."""
    if before is None or before.at is None or before.value == landed:
        return so_far
    match order(before.at, at):
        case Order.NEWER:
            return _heard(so_far, side, FieldSeen(field, before.value, at=before.at, is_certain=True), rules)
        case Order.UNSURE:
            return replace(so_far, needs_look=True)
        case Order.OLDER:
            return so_far


def _heard(so_far: Settled, side: Side, seen: FieldSeen, rules: Rules) -> Settled:
    decision = decide(so_far.link, seen, side, rules)
    if decision.needs_look:
        return replace(so_far, needs_look=True)
    drafts, news = (*so_far.drafts, *decision.drafts), (*so_far.news, decision)
    return replace(so_far, link=decision.link, drafts=drafts, news=news)


def _left(so_far: Settled, errand: Errand, field: Field, asked: Wish, answer: Answer, rules: Rules) -> Settled:
    """Nothing was written, because of what the record said. Unless that is old already, nothing is asked any more."""
    link, side = so_far.link, errand.side
    is_outdated = _is_outdated(link, side, field, answer.record)
    if is_outdated or _is_from_before(link.wanted.get((side, field)), asked):
        again = Draft(side, errand.kind, errand.change, by=asked.by, is_after_a_look=is_outdated)
        return replace(so_far, outcome=Outcome.SUPPRESSED, reason=Reason.STALE, drafts=(again,))
    if side is Side.CASE and answer.record is not None and answer.record.status is Status.CLOSED:
        told = closed_instead(link, errand, field, asked, rules)
        return replace(so_far, link=told.link, outcome=told.outcome, reason=told.reason, drafts=told.drafts)
    if answer.verdict is not Verdict.ALREADY and _was_to_be_reopened(side, asked):
        wish = Wish(Status.OPEN, Status.RESOLVED, asked.by)
        return replace(so_far, link=link.want(side, field, wish), drafts=(Draft(side, errand.kind, Verb.REOPEN),))
    so_far = replace(so_far, link=link.no_longer_want(side, field))
    if field is Field.RESOLUTION_NOTE:
        return replace(so_far, drafts=(instead.resolution_note(side, asked, rules),))
    return so_far


def _was_to_be_reopened(side: Side, asked: Wish) -> bool:
    """It was to be reopened before it was to be acknowledged."""
    return side is Side.INCIDENT and asked.value == Status.ACKNOWLEDGED and Status.OPEN in asked.earlier


def _is_outdated(link: Link, side: Side, field: Field, record: Record | None) -> bool:
    """Whether a hook has told, since the record was read, that what stood in the way is gone."""
    if record is None:
        return False
    names = {field, Field.STATUS}
    # A merged one looks resolved; what counts is whether they have parted again, if it was known that they were one.
    if record.merged_into and (side, Field.MERGED_INTO) in link.known:
        names = names - {Field.STATUS} | {Field.MERGED_INTO}
    known = [(link.known[side, name], record.value(name)) for name in names if (side, name) in link.known]
    return any(one.value != says and order(record.at, one.at) is not Order.NEWER for one, says in known)


def _same(now: Wish | None, asked: Wish) -> bool:
    return now is not None and now.value == asked.value


def _is_from_before(now: Wish | None, asked: Wish) -> bool:
    """What the record said was weighed against what was known then, and the wish is a later one by now."""
    return now is not None and now.value == asked.value and now.base != asked.base


def _unwanted(
    so_far: Settled, errand: Errand, field: Field, asked: Wish, landed: str, answer: Answer, rules: Rules
) -> Settled:
    """The wish was withdrawn while its write was under way. If the write came last, put back what a person chose."""
    link, side = so_far.link, errand.side
    known = link.known.get((side, field))
    at = answer.record.at if answer.record else None
    if _is_changed(answer, asked, landed):
        is_news = known is None or known.value != landed
        return _heard(so_far, side, FieldSeen(field, landed, at=at), rules) if is_news else so_far
    when = Order.NEWER if known is None or known.value == landed else order(at, known.at)
    if when is Order.OLDER:
        return so_far
    if known is not None and known.value != landed and _is_nobodys_write(errand, answer):
        return _heard(so_far, side, FieldSeen(field, landed, at=at), rules)
    is_as_before = known is not None and known.value == asked.base and not _was_there_and_back(link, side, field)
    if is_as_before and _has_moved_on(link, side.other, field, landed):
        return _heard(so_far, side, FieldSeen(field, landed, at=at), rules)
    is_left = is_as_before and not _is_followed(link, side, field)
    if known is None or known.value == landed or is_left:
        is_unsure = when is Order.UNSURE and known is not None and known.at is not None
        return replace(so_far, link=link.saw(side, field, landed, at), needs_look=is_unsure)
    amends = Wish(_back(known.value, landed, side, rules), landed, asked.by, is_amends=True)
    link = link.saw(side, field, landed, at).want(side, field, amends)
    verb = Verb.RESOLVE if field is Field.STATUS else errand.change
    return replace(so_far, link=link, drafts=(Draft(side, errand.kind, verb, by=asked.by),))


def _has_moved_on(link: Link, side: Side, field: Field, landed: str) -> bool:
    """A person of the other side changed a status and changed it back, so that ours landed on what it was meant for after all;
    the side that it came from has followed meanwhile.
    """
    return field is Field.STATUS and link.chosen(side, field) not in {landed, Status.CLOSED, None}


def _is_followed(link: Link, side: Side, field: Field) -> bool:
    """The other side is being brought to what this one said before our write landed: that was decided anew meanwhile."""
    wish = link.wanted.get((side.other, field))
    return field is Field.STATUS and wish is not None and wish.value == link.value(side, field)


def _is_nobodys_write(errand: Errand, answer: Answer) -> bool:
    """It said so by itself, and no earlier attempt of ours can have made it say so."""
    return answer.verdict is Verdict.ALREADY and not errand.is_doubtful


def _was_there_and_back(link: Link, side: Side, field: Field) -> bool:
    """A person changed it and changed it back: only that takes back a wish that is no status, or of a closed case that it is one."""
    is_of_a_closed_case = side is Side.CASE and link.is_case_closed
    return field in link.conflicts or (field is not Field.STATUS and not is_of_a_closed_case)


def _back(chosen: str, landed: str, side: Side, rules: Rules) -> str:
    """What we resolved is not acknowledged again but reopened, where that is wanted at all; see `_acknowledged_next`."""
    may_reopen = side is Side.INCIDENT and rules.policy.case_reopened is CaseReopened.REOPEN
    return Status.OPEN if may_reopen and (landed, chosen) == (Status.RESOLVED, Status.ACKNOWLEDGED) else chosen


def _amends_made(so_far: Settled, errand: Errand, field: Field, wish: Wish, answer: Answer) -> Settled:
    """We had reopened an incident and have resolved it again: say so on it, and sound the alarm."""
    is_reopening = field is Field.STATUS and errand.side is Side.INCIDENT and wish.value == Status.RESOLVED
    if not (wish.is_amends and is_reopening and answer.verdict is Verdict.WRITE):
        return so_far
    note = Draft(Side.INCIDENT, ErrandKind.NOTE, Verb.NOTE, wording.reopened_by_us())
    return replace(so_far, drafts=(*so_far.drafts, note), is_alarming=True)


def _acknowledged_next(so_far: Settled, errand: Errand, field: Field, asked: Wish) -> Settled:
    """Reopened, because the case was; if the case has been acknowledged too, that follows as a write of its own."""
    link, side = so_far.link, errand.side
    is_reopened = side is Side.INCIDENT and field is Field.STATUS and asked.value == Status.OPEN
    if not is_reopened or link.value(Side.CASE, field) != Status.ACKNOWLEDGED:
        return so_far
    link = link.want(side, field, Wish(Status.ACKNOWLEDGED, Status.OPEN, asked.by))
    draft = Draft(side, errand.kind, Verb.ACKNOWLEDGE, by=asked.by)
    return replace(so_far, link=link, drafts=(*so_far.drafts, draft))


def _read(
    so_far: Settled, side: Side, record: Record, written: Field | None, verdict: Verdict, rules: Rules
) -> Settled:
    """Everything else the record says. The written field is news only when the write was not made."""
    link, drafts, news = so_far.link, list(so_far.drafts), list(so_far.news)
    needs_look = so_far.needs_look
    for seen in differences(link, side, record):
        if seen.field is written and verdict in {Verdict.WRITE, Verdict.ALREADY}:
            if seen.is_reopening:
                parted = order(record.at, link.known[side, Field.MERGED_INTO].at)
                needs_look = needs_look or parted is Order.UNSURE
                link = link.saw(side, Field.MERGED_INTO, "", record.at) if parted is Order.NEWER else link
            continue
        decision = decide(link, seen, side, rules)
        if decision.needs_look:
            needs_look = True
            continue
        link = decision.link
        drafts += decision.drafts
        news.append(decision)
    return replace(so_far, link=link, drafts=tuple(drafts), news=tuple(news), needs_look=needs_look)


def differences(link: Link, side: Side, record: Record, *, is_certain: bool = False) -> tuple[FieldSeen, ...]:
    """What a record says that we do not know yet. A merged incident looks resolved; it is only merged."""
    seen = []
    is_closed = record.status is Status.CLOSED  # What is found together with the closing was done before it.
    is_parted = link.has_parted(side, record)
    for field in sorted(Field, key=lambda one: is_closed and one is Field.STATUS):
        value = record.value(field)
        if value is None or (field is Field.STATUS and record.merged_into):
            continue
        is_back = is_parted and field is Field.STATUS
        if is_back or value != (link.value(side, field) or ""):
            by = record.by.get(field, NOBODY)
            name = record.priority_name if field is Field.PRIORITY else ""
            seen.append(FieldSeen(field, value, by, record.at, is_reopening=is_back, is_certain=is_certain, name=name))
    return tuple(seen)


def opened(link: Link, record: Record, rules: Rules) -> Settled:
    """The incident exists. It may be one that an earlier attempt opened and people have worked on since."""
    of_case = link.value(Side.CASE, Field.PRIORITY) or ""
    priority = rules.priorities.across(Side.CASE, of_case)
    link = replace(link, state=LinkState.OPEN, incident_id=record.ref, incident_url=record.url)
    link = link.saw(Side.INCIDENT, Field.STATUS, Status.OPEN, record.at)
    is_left = priority is None and bool(of_case)  # to a value without a counterpart
    if is_left or (Side.INCIDENT, Field.PRIORITY) in link.wanted:
        priority = record.priority  # It was opened with what the case said before it changed.
    link = link.saw(Side.INCIDENT, Field.PRIORITY, priority or "", record.at)
    for (side, field), wish in link.wanted.items():
        if side is Side.INCIDENT:
            link = link.want(side, field, replace(wish, base=link.value(side, field) or ""))
    drafts = _shown(record, rules)
    news: list[Decision] = []
    for seen in differences(link, Side.INCIDENT, record, is_certain=True):
        decision = decide(link, seen, Side.INCIDENT, rules)
        link, drafts, news = decision.link, [*drafts, *decision.drafts], [*news, decision]
    return Settled(link, Outcome.APPLIED, Reason.CHANGED, tuple(drafts), tuple(news))


def _shown(record: Record, rules: Rules) -> list[Draft]:
    """On the case: where its incident is, or why there is no address."""
    if rules.capabilities[Side.INCIDENT].can_be_read:
        return [Draft(Side.CASE, ErrandKind.LINK, Verb.LINK, record.url)]
    if not rules.capabilities[Side.CASE].takes_notes:
        return []
    return [Draft(Side.CASE, ErrandKind.NOTE, Verb.LINK, wording.sent_one_way())]


def refused(
    link: Link, errand: Errand, rules: Rules, record: Record | None = None, asked: Wish | None = None
) -> Settled:
    """It will not be done. The wish is withdrawn, unless it is another by now; what the record says is news."""
    field = FIELD_OF_WISH.get(errand.kind)
    if field is not None and (asked is None or _same(link.wanted.get((errand.side, field)), asked)):
        link = link.no_longer_want(errand.side, field)
    so_far = Settled(link, Outcome.FAILED, Reason.REFUSED)
    if record is not None:
        so_far = _read(so_far, errand.side, record, None, Verdict.KEEP, rules)
    return so_far if field is None else _perhaps_agreed(so_far, field, errand.change, rules)
