"""A wish of then, decided against what both sides say today: for a replay, and for what was only observed."""

from __future__ import annotations

from syncd.core import wording
from syncd.core.again import again
from syncd.core.changes import Field
from syncd.core.decision import Decision
from syncd.flow.turn import Turn
from syncd.store import replay
from syncd.store.errands import StoredErrand
from syncd.store.links import StoredLink


def decided_anew(turn: Turn, stored: StoredErrand, link: StoredLink) -> Decision:
    return again(
        link.link,
        stored.errand,
        stored.by,
        turn.book.rules(link.link),
        stored.received_at,
        is_answered=replay.is_answered(turn.tx, stored),
        is_told=replay.is_told(turn.tx, stored, resolution_note_today(turn, link, stored)),
    )


def resolution_note_today(turn: Turn, link: StoredLink, stored: StoredErrand) -> str:
    """As it would be said in words."""
    side = stored.errand.side
    text = wording.resolution_note(link.link.chosen(side.other, Field.RESOLUTION_NOTE) or "")
    return wording.as_note(text, turn.book.rules(link.link).capabilities[side])
