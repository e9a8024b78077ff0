"""Comments and notes of which the other side has nothing, by what was carried: what stands, what is known, what came to nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from syncd.core import echo
from syncd.core.changes import Note, Side
from syncd.core.policy import NoteEdits
from syncd.flow import rereading
from syncd.flow.catchup.difference import Cause, Difference, Found, note_on
from syncd.flow.catchup.reading import Reading
from syncd.store import notes
from syncd.store.errands import NOTES
from syncd.store.notes import Standing
from syncd.store.outcomes import Became


def differing(reading: Reading) -> list[Found]:
    found = []
    for side in Side:
        found += [*_unheard(reading, side), *_changed(reading, side), *_not_carried(reading, side)]
    return found + [one for side in Side for one in _vanished(reading, side)]


def _unheard(reading: Reading, side: Side) -> list[Found]:
    """A note that nobody has told us of stands on one side alone, unless it is one of ours whose id we do not know."""
    fresh = [note for note in _fresh(reading, side) if not _is_ours(reading, side, note)]
    return [_heard_of_later(reading, side, note_on(side, note.author, note.text)) for note in fresh]


def _fresh(reading: Reading, side: Side) -> list[Note]:
    known = reading.believed.known[side]
    return [note for note in reading.told[side].notes if note.id not in known]


def _is_ours(reading: Reading, side: Side, note: Note) -> bool:
    gap = reading.believed.book.integrations[reading.believed.link.system(side)].gap
    is_forgotten = note.is_ours and gap is not None and gap.has(note.at)
    return is_forgotten or any(_says(note, one) for one in _written(reading, side))


def _says(note: Note, one: Became) -> bool:
    return echo.may_be(note.text, is_by_us=note.is_ours, ours=one.stored.errand.text)


def _heard_of_later(reading: Reading, side: Side, difference: Difference) -> Found:
    is_coming = reading.believed.has_news[side]
    return Found(difference, Cause.ON_ITS_WAY if is_coming else Cause.UNHEARD, {side.other})


def _changed(reading: Reading, side: Side) -> list[Found]:
    """Edits and deletions since a note was read last, which no hook tells."""
    standing, known = reading.told[side].notes, reading.believed.known[side]
    told = [note_on(side, note.author, f"(edited) {note.text}") for note in rereading.edited(standing, known)]
    gone = rereading.gone(standing, known, reading.believed.now)
    told += [note_on(side, "", _deleted(reading, side, known[one])) for one in gone]
    if reading.believed.rules.policy.note_edits is NoteEdits.IGNORE:
        return [Found(one, Cause.KEPT_BACK, {side.other}) for one in told]
    return [_heard_of_later(reading, side, one) for one in told]


def _deleted(reading: Reading, side: Side, known: Standing) -> str:
    """Its text stands in the errand that wrote it, or in the one that carried it across."""
    own = [one for one in _written(reading, side) if one.stored.id == known.errand_id]
    carried = [one for one in _written(reading, side.other) if one.stored.arrival_id == known.arrival_id is not None]
    said = next((one.stored.errand.text for one in (*own, *carried)), "")
    return f"(deleted) {said}".rstrip()


def _written(reading: Reading, side: Side) -> list[Became]:
    """Every note that was written to this side, or was to be."""
    return [one for one in reading.believed.became if one.kind in NOTES and one.stored.errand.side is side]


def _not_carried(reading: Reading, side: Side) -> list[Found]:
    """What this side said, and is on its way to the other or never came there."""
    missing = [one for one in _written(reading, side.other) if one.is_live or one.is_undone]
    left = [one for one in missing if not _stands(reading, side.other, one)]
    return [_to_be_written(side, one) for one in left]


def _to_be_written(side: Side, one: Became) -> Found:
    cause = Cause.ON_ITS_WAY if one.is_live else Cause.UNDONE
    return Found(_difference(side, one), cause, {side.other}, one)


def _difference(side: Side, one: Became) -> Difference:
    return note_on(side, one.stored.errand.author, one.stored.errand.text)


def _stands(reading: Reading, side: Side, one: Became) -> bool:
    """Its id is known by now; or an attempt without an answer may have left it there."""
    if one.stored.far_id:
        return True
    is_in_doubt = one.stored.id in reading.believed.in_doubt[side]
    return is_in_doubt and any(_says(note, one) for note in _fresh(reading, side))


def _vanished(reading: Reading, side: Side) -> list[Found]:
    """Notes of ours that were added, were never read, and do not stand there. One that was read is told as deleted."""
    if reading.told[Side.INCIDENT].record.merged_into:
        return []  # PagerDuty may show them with the incident that it became part of.
    there = {note.id for note in reading.told[side].notes}
    by_id = {one.stored.id: one for one in _written(reading, side)}
    missing = [
        by_id[number]
        for number, told in _ours(reading, side).items()
        if number in by_id and not any(_is_accounted_for(reading, key, one, there) for key, one in told)
    ]
    fresh = _fresh(reading, side)
    left = [one for one in missing if not any(_says(note, one) for note in fresh)]
    return [Found(_difference(side.other, one), Cause.LEFT, {side}, one) for one in left]


def _ours(reading: Reading, side: Side) -> dict[int, Sequence[tuple[str, Standing]]]:
    """By the errand that wrote it: it may be known by several ids."""
    found: dict[int, list[tuple[str, Standing]]] = defaultdict(list)
    for key, one in reading.believed.known[side].items():
        if one.errand_id not in {None, notes.FORGOTTEN}:
            found[one.errand_id].append((key, one))
    return dict(found)


def _is_accounted_for(reading: Reading, note_id: str, one: Standing, there: set[str]) -> bool:
    """It stands, or is too young to be listed, or its deletion is known or will be found."""
    is_young = one.known_at is None or reading.believed.now - one.known_at <= rereading.LISTED_WITHIN
    return note_id in there or is_young or one.digest is not None
