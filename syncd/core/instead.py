"""What is said in words because the field may not be written: nobody's text is lost, and nobody's is written over."""

from __future__ import annotations

from . import wording
from .changes import Side, Verb
from .errand import Draft, ErrandKind
from .link import Wish
from .policy import Rules


def resolution_note(side: Side, wish: Wish, rules: Rules) -> Draft:
    """The far side's resolution note, as a comment beside the one that somebody typed here at the same time."""
    text = wording.said_by(wording.in_pagerduty(wish.by), wording.resolution_note(wish.value))
    said = wording.as_note(text, rules.capabilities[side])
    return Draft(side, ErrandKind.NOTE, Verb.RESOLUTION_NOTE, said, by=wish.by)
