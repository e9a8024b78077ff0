"""Is that note ours? By its id, if we know it; while a write is in flight, by exactly our text from our account.

Never by a prefix, and never everything from one author: two people may write the same words, or share an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .changes import Note

_CLOCKS_MAY_DIFFER = timedelta(minutes=5)


def may_be(text: str, at: datetime | None, *, is_by_us: bool, ours: str, since: datetime | None) -> bool:
    if not is_by_us or text.strip() != ours.strip():
        return False
    return at is None or since is None or at >= since - _CLOCKS_MAY_DIFFER


def standing(notes: Sequence[Note], taken: frozenset[str], *, ours: str, since: datetime | None) -> Note | None:
    """The note that an attempt without an answer left behind, if it did."""
    for note in notes:
        if note.id not in taken and may_be(note.text, note.at, is_by_us=note.is_ours, ours=ours, since=since):
            return note
    return None
