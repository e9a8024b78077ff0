"""Notes that were heard before, and what they say now: no hook tells of an edit or a deletion, only a later look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.core.changes import Actor, Fate, FieldSeen, Note, NoteSeen
from syncd.flow.turn import Turn
from syncd.store import notes
from syncd.store.links import StoredLink
from syncd.store.notes import Standing, digest_of
from syncd.systems.port import System

LISTED_WITHIN = timedelta(minutes=10)  # a younger one may be missing from a list that lags behind
_BEGINNING = 120  # characters of what a deleted note said


@dataclass(frozen=True, slots=True)
class Reread:
    """`now_says` is written down with what becomes of the facts: a look that has to wait must find them once more."""

    facts: Sequence[NoteSeen | FieldSeen]
    now_says: Mapping[str, str]  # by note id; nothing: it was deleted


def reread(
    turn: Turn, stored: StoredLink, system: System, standing: Sequence[Note], known: Mapping[str, Standing]
) -> Reread:
    """What was edited or deleted since it was heard. What is read for the first time is learnt."""
    other = [note for note in standing if _says_other(note, known.get(note.id))]
    facts = [_edited(system, note) for note in edited(standing, known)]
    missing = gone(standing, known, turn.now)
    deleted = [_deleted(turn, stored, system, key, known[key]) for key in missing]
    return Reread([*facts, *deleted], {note.id: note.text for note in other} | dict.fromkeys(missing, ""))


def edited(standing: Sequence[Note], known: Mapping[str, Standing]) -> list[Note]:
    """Those that say something else than when they were read last."""
    other = [note for note in standing if _says_other(note, known.get(note.id))]
    return [note for note in other if known[note.id].digest is not None]


def gone(standing: Sequence[Note], known: Mapping[str, Standing], now: datetime) -> list[str]:
    """The ids of those that stood there once."""
    there = {note.id for note in standing}
    return [key for key, one in known.items() if _is_gone(key, one, there, now)]


def _says_other(note: Note, known: Standing | None) -> bool:
    return known is not None and known.digest != digest_of(note.text)


def _edited(system: System, note: Note) -> NoteSeen | FieldSeen:
    seen = system.heard(note)
    if isinstance(seen, FieldSeen):  # A resolution note that was typed as a note.
        return replace(seen, note_id="", text="", at=None, is_certain=True)
    return replace(seen, fate=Fate.EDITED)


def _is_gone(note_id: str, known: Standing, there: set[str], now: datetime) -> bool:
    is_old = known.known_at is not None and now - known.known_at > LISTED_WITHIN
    return note_id not in there and is_old and known.digest is not None and not known.is_deleted


def _deleted(turn: Turn, stored: StoredLink, system: System, note_id: str, known: Standing) -> NoteSeen:
    said = notes.carried_as(turn.tx, stored.id, system.side, known)
    return NoteSeen(note_id, said[:_BEGINNING], Actor(), fate=Fate.DELETED)
