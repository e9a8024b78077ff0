"""Fields in which two sides of a link differ, each with the reason why that stands."""

from __future__ import annotations

from syncd.core.again import again
from syncd.core.answered import differences
from syncd.core.changes import Actor, Field, Record, Side, Status
from syncd.core.errand import KIND_OF_WISH
from syncd.core.mappings import Becomes, becomes, verb_of
from syncd.flow.catchup.difference import Cause, Difference, Found
from syncd.flow.catchup.reading import Reading
from syncd.flow.names import Names
from syncd.store.outcomes import Became

_STEPS = (Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED)


def differing(reading: Reading) -> list[Found]:
    found = [*_status(reading), *_priority(reading), *_resolution_note(reading)]
    return [_explained(reading, Field(one.what), one) for one in found]


def _records(reading: Reading) -> tuple[Record, Record]:
    return reading.told[Side.CASE].record, reading.told[Side.INCIDENT].record


def _status(reading: Reading) -> list[Difference]:
    """A closed case follows nothing any more, and a merged incident only looks resolved."""
    case, incident = _records(reading)
    is_free = case.status is Status.CLOSED or bool(incident.merged_into)
    if is_free or case.status == incident.status:
        return []
    return [Difference(Field.STATUS, case.status or "unknown", incident.status or "unknown")]


def _priority(reading: Reading) -> list[Difference]:
    (case, incident), known = _records(reading), reading.believed
    priorities = known.rules.priorities
    is_unset = not incident.priority and priorities.across(Side.CASE, case.priority) is None
    if case.status is Status.CLOSED or is_unset or priorities.means_the_same(case.priority, incident.priority):
        return []
    name = Names.of(known.book.connectors.values()).priority(known.link, incident.priority) or incident.priority_name
    return [Difference(Field.PRIORITY, case.priority, incident.priority or "none", name)]


def _resolution_note(reading: Reading) -> list[Difference]:
    """An incident has no such field: what it is to be is known from what was said there and is to be written to the case."""
    case, _ = _records(reading)
    last = _last(reading, Field.RESOLUTION_NOTE)
    said = reading.believed.link.value(Side.INCIDENT, Field.RESOLUTION_NOTE) or ""
    is_to_come = last is not None and last.stored.errand.side is Side.CASE and (last.is_live or last.is_undone)
    if not (is_to_come and said) or case.status is Status.CLOSED or case.resolution_note in {None, said}:
        return []
    return [Difference(Field.RESOLUTION_NOTE, case.resolution_note or "", said)]


def _explained(reading: Reading, field: Field, difference: Difference) -> Found:
    link, last = reading.believed.link, _last(reading, field)
    if field in link.conflicts:
        return Found(difference, Cause.IN_CONFLICT, set(Side))
    if unheard := _unheard(reading, field):
        is_coming = any(reading.believed.has_news[side] for side in unheard)
        return Found(difference, Cause.ON_ITS_WAY if is_coming else Cause.UNHEARD, {side.other for side in unheard})
    if wanted := {side for side in Side if (side, field) in link.wanted}:
        return Found(difference, Cause.ON_ITS_WAY, wanted, last if last is not None and last.is_live else None)
    if field is Field.PRIORITY and (left := reading.believed.left) is not None:
        return Found(difference, Cause.MAPPED_SINCE, {left.side.other})
    if last is not None and last.is_undone and _would_still_be_sent(reading, last):
        return Found(difference, Cause.UNDONE, {last.stored.errand.side}, last)
    cause = Cause.KEPT_BACK if _is_kept_back(reading, field) else Cause.LEFT
    return Found(difference, cause, set(Side))


def _last(reading: Reading, field: Field) -> Became | None:
    """Whichever side it was for: only the last write of a field says why it stands as it does."""
    of_field = [one for one in reading.believed.became if one.kind is KIND_OF_WISH.get(field)]
    return of_field[-1] if of_field else None


def _unheard(reading: Reading, field: Field) -> set[Side]:
    """Sides that say of this field what nobody has told us."""
    link = reading.believed.link
    news = {side: differences(link, side, reading.told[side].record) for side in Side}
    return {side for side, seen in news.items() if any(one.field is field for one in seen)}


def _would_still_be_sent(reading: Reading, last: Became) -> bool:
    """A replay decides by what both sides say today, and so does this."""
    known, stored = reading.believed, last.stored
    asked, is_answered = Actor(stored.by_name), stored.id in known.answered
    anew = again(known.link, stored.errand, asked, known.rules, stored.received_at, is_answered=is_answered)
    return bool(anew.drafts)


def _is_kept_back(reading: Reading, field: Field) -> bool:
    return _is_behind(reading) if field is Field.STATUS else _is_unmapped(reading)


def _is_behind(reading: Reading) -> bool:
    """The side that says less went back to that, and the other does not follow a step back."""
    case, incident = _records(reading)
    if case.status not in _STEPS or incident.status not in _STEPS:
        return False
    behind = Side.CASE if _STEPS.index(case.status) < _STEPS.index(incident.status) else Side.INCIDENT
    now, before = (reading.told[side].record.status for side in (behind, behind.other))
    verb = verb_of(Field.STATUS, before, now or "")
    return becomes(behind, verb, reading.believed.rules, is_case_closed=False) is not Becomes.WISH


def _is_unmapped(reading: Reading) -> bool:
    priorities = reading.believed.rules.priorities
    return any(priorities.across(side, told.record.priority) is None for side, told in reading.told.items())
