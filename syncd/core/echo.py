"""Is that note ours? By its id, if we know it; while a write is in flight, by exactly our text from our account, or from the
person in whose name it was written.

Never by a prefix, and never everything from one author: two people may write the same words, or share an account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .changes import Note


def may_be(text: str, *, is_by_us: bool, ours: str) -> bool:
    """When it was written says nothing: that is by the far side's clock, and our first attempt was by ours."""
    return is_by_us and text.strip() == ours.strip()


def standing(
    notes: Sequence[Note], taken: frozenset[str], *, ours: str, names: Collection[str] = frozenset()
) -> Note | None:
    """The note that an attempt without an answer left behind, if it did. `names`: the ids of people it was written as."""
    for note in notes:
        is_by_us = note.is_ours or note.author_id in names
        if note.id not in taken and may_be(note.text, is_by_us=is_by_us, ours=ours):
            return note
    return None
