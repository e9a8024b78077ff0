"""What becomes of one thing heard: the link as it is known from then on, and what is to be sent."""

from __future__ import annotations

from dataclasses import dataclass

from .changes import Verb
from .errand import Draft
from .link import Link
from .reasons import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """`outcome` is None when the change goes on as errands: its row is written by its attempt.

    With `needs_look` the drafts, if any, tell of an event that did happen, also if the record says otherwise by now.
    """

    link: Link
    change: Verb
    drafts: tuple[Draft, ...] = ()
    outcome: Outcome | None = None
    reason: Reason | None = None
    needs_look: bool = False  # undecidable from the hook: read the record, then decide again


def quiet(link: Link, verb: Verb, outcome: Outcome, reason: Reason) -> Decision:
    return Decision(link, verb, (), outcome, reason)
