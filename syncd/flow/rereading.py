"""Notes that were heard before, and what they say now: no hook tells of an edit or a deletion, only a later look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from syncd.core.changes import Actor, Fate, FieldSeen, Note, NoteSeen
from syncd.store import notes
from syncd.store.links import StoredLink
from syncd.store.notes import Standing, digest_of
from syncd.systems.port import System

from .turn import Turn

LISTED_WITHIN = timedelta(minutes=10)  # a younger one may be missing from a list that lags behind
_BEGINNING = 120  # characters of what a deleted note said


def later(
    turn: Turn, stored: StoredLink, system: System, standing: Sequence[Note], known: Mapping[str, Standing]
) -> list[NoteSeen | FieldSeen]:
    """What was edited or deleted since it was heard. What is read for the first time is learnt."""
    edited = [one for note in standing if (one := _edited(turn, stored, system, note, known.get(note.id))) is not None]
    there = {note.id for note in standing}
    deleted = [
        _deleted(turn, stored, system, key, one) for key, one in known.items() if _is_gone(turn, key, one, there)
    ]
    return [*edited, *deleted]


def _edited(
    turn: Turn, stored: StoredLink, system: System, note: Note, known: Standing | None
) -> NoteSeen | FieldSeen | None:
    if known is None or known.digest == digest_of(note.text):
        return None
    notes.now_says(turn.tx, stored.id, system.side, note.id, note.text)
    if known.digest is None:
        return None
    seen = system.heard(note)
    if isinstance(seen, FieldSeen):  # A resolution note that was typed as a note.
        return replace(seen, note_id="", text="", at=None, is_certain=True)
    return replace(seen, fate=Fate.EDITED)


def _is_gone(turn: Turn, note_id: str, known: Standing, there: set[str]) -> bool:
    is_old = known.known_at is not None and turn.now - known.known_at > LISTED_WITHIN
    return note_id not in there and is_old and known.digest is not None and not known.is_deleted


def _deleted(turn: Turn, stored: StoredLink, system: System, note_id: str, known: Standing) -> NoteSeen:
    notes.now_says(turn.tx, stored.id, system.side, note_id, "")
    said = "" if known.arrival_id is None else notes.carried_as(turn.tx, stored.id, system.side, known.arrival_id)
    return NoteSeen(note_id, said[:_BEGINNING], Actor(), fate=Fate.DELETED)
