"""A case that was over before its incident opened has come back: somebody has to be called after all."""

from __future__ import annotations

from dataclasses import replace

from syncd.core.changes import Actor, Field, Side, Status, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.link import Link, LinkState, Wish
from syncd.core.reasons import Reason
from syncd.store import outcomes
from syncd.store.arrivals import Arrival
from syncd.store.links import StoredLink

from .turn import Turn, origin_of


def is_back(turn: Turn, stored: StoredLink, link: Link) -> bool:
    """Only if nothing else has ended it: what a person put aside, or what was only observed, a person asks for again."""
    was_over = stored.link.state is LinkState.ENDED and stored.link.is_case_over
    return was_over and not link.is_case_over and _came_to_nothing(turn, stored)


def _came_to_nothing(turn: Turn, stored: StoredLink) -> bool:
    openings = [one for one in outcomes.of_link(turn.tx, stored.id) if one.kind is ErrandKind.OPEN]
    return bool(openings) and openings[-1].is_undone and openings[-1].reason == Reason.CASE_OVER


def to_open(link: Link) -> Link:
    """An incident opens unacknowledged."""
    opening = replace(link, state=LinkState.OPENING, wanted={})
    return (
        opening.want(Side.INCIDENT, Field.STATUS, Wish(Status.ACKNOWLEDGED, "")) if _is_acknowledged(link) else opening
    )


def open_after_all(turn: Turn, arrival: Arrival, stored: StoredLink, by: Actor) -> None:
    """It was perhaps asked for before, so that one may stand under its key: looked for first."""
    origin = origin_of(arrival)
    opening = Draft(Side.INCIDENT, ErrandKind.OPEN, Verb.OPEN, by=by)
    turn.add(stored, (opening,), replace(origin, doubtful_until=turn.now))
    if _is_acknowledged(stored.link):
        turn.add(stored, (Draft(Side.INCIDENT, ErrandKind.STATUS, Verb.ACKNOWLEDGE, by=by),), origin)


def _is_acknowledged(link: Link) -> bool:
    return link.value(Side.CASE, Field.STATUS) == Status.ACKNOWLEDGED
