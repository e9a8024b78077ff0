"""Which notes may be ours, while we do not know the id of the one we wrote."""

from __future__ import annotations

from datetime import datetime

import pytest

from syncd.core import echo
from syncd.core.changes import Note

from .links import NOON, at


def _note(note_id: str, text: str = "Looking.", when: datetime | None = NOON, *, is_ours: bool = True) -> Note:
    return Note(note_id, text, "syncd", is_ours, when)


@pytest.mark.parametrize(
    ("note", "is_it"),
    [
        (_note("n1"), True),
        (_note("n1", "Looking. "), True),  # Some systems add an empty line.
        (_note("n1", "Looking"), False),
        (_note("n1", is_ours=False), False),  # Two people may write the same words.
        (_note("n1", when=at(-3600)), True),  # By a clock of theirs, which may be slow.
        (_note("n1", when=None), True),
    ],
)
def test_ours_are_our_exact_words_from_our_account_whatever_their_clock_says(note: Note, is_it: bool) -> None:
    found = echo.standing([note], frozenset(), ours="Looking.")
    assert found == (note if is_it else None)


def test_a_note_that_belongs_to_another_errand_or_hook_is_not_ours() -> None:
    notes = [_note("n1"), _note("n2")]
    assert echo.standing(notes, frozenset({"n1"}), ours="Looking.") == notes[1]
    assert echo.standing(notes, frozenset({"n1", "n2"}), ours="Looking.") is None
