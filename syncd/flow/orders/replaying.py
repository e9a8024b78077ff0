"""A person wants deliveries decided anew: against what both sides say today, as new errands at the ends of their lanes.

What would be sent is found out by doing it, and undoing that.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from syncd.connections.open import Connections
from syncd.core.changes import Actor, Field, Side, Status, Verb
from syncd.core.errand import FIELD_OF_WISH, Draft, Errand, ErrandKind, Replay
from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState, Wish
from syncd.core.prepare import for_people
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.core.retry import LANDS_WITHIN
from syncd.core.unmapped import decided_today
from syncd.errors import NotFound
from syncd.flow import rows
from syncd.flow.book import Book
from syncd.flow.orders.anew import decided_anew
from syncd.flow.turn import Origin, Turn
from syncd.flow.unmapped import told
from syncd.store import arrivals, deliveries, outcomes, unmapped
from syncd.store import replay as store
from syncd.store.arrivals import NewArrival
from syncd.store.database import Database
from syncd.store.errands import LIVE, StoredErrand
from syncd.store.links import StoredLink
from syncd.store.replay import Dealt

log = structlog.get_logger(__name__)

_OVER = {
    ErrandState.WAITING: "It is on its way still, and is tried again by itself.",
    ErrandState.SENDING: "It is being tried at this very moment.",
    ErrandState.HELD: "It is held, and goes out by itself when what holds it lets go.",
    ErrandState.DELIVERED: "It was done; nothing is left to do.",
}
_LOOKED_FOR = (
    "It was put aside, and is still being looked for, as it may have been opened; replay it once that is over."
)
_BEFORE_OBSERVED = "It was decided anew when its account was written to again, or was replayed before."
_REMOVED = "Its link ended for good when an account or its connector was removed, or moved, so it has nowhere to go."
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a replay of one delivery comes to."""

    delivery: int
    is_going: bool
    says: str


class _Undone(Exception):
    """Everything is taken back."""


def foresee(db: Database, connections: Connections, ids: Sequence[int], *, by: str) -> list[Answer]:
    """What `replay` would do now."""
    answers: list[Answer] = []
    with suppress(_Undone), db.write() as tx:
        answers = _replay(Turn(tx, db.now(tx), Book.open(tx, connections), timedelta(0)), ids, by)
        raise _Undone
    return answers


def replay(db: Database, connections: Connections, ids: Sequence[int], *, by: str) -> tuple[list[Answer], list[int]]:
    """All of them or none. And the shards to wake."""
    with db.write() as tx:
        turn = Turn(tx, db.now(tx), Book.open(tx, connections), timedelta(0))
        answers = _replay(turn, ids, by)
        turn.write()
    going = [one.delivery for one in answers if one.is_going]
    log.info("deliveries.replayed", by=by, deliveries=going, asked=len(ids))
    return answers, sorted(turn.shards | turn.lanes)


def _replay(turn: Turn, ids: Sequence[int], by: str) -> list[Answer]:
    """In the order in which they happened."""
    found = [_found(turn, number) for number in sorted(set(ids))]
    turn.hold(row["link_id"] for row in found if row["link_id"] is not None)
    return [_one(turn, row, Replay(row["id"], by)) for row in found]


def _found(turn: Turn, number: int) -> _Row:
    row = deliveries.get(turn.tx, number)
    if row is None:
        raise NotFound(f"There is no delivery {number}; see `syncd deliveries list`.")
    return row


def _one(turn: Turn, row: _Row, asked: Replay) -> Answer:
    if row["errand_id"] is not None and row["link_id"] is not None:
        turn.flush()  # Another of the same errand may have been replayed by now.
        ended = store.find(turn.tx, row["errand_id"])
        return _no(asked, "Its change is not kept any more.") if ended is None else _errand(turn, ended, asked)
    if row["link_id"] is not None and not turn.book.has_both(turn.link(row["link_id"]).link):
        return _no(asked, _REMOVED)
    if _is_of_a_conflict(turn, row):
        return _no(asked, SENTENCES[Reason.CONFLICT])
    if (answer := _left(turn, row, asked)) is not None:
        return answer
    if row["arrival_id"] is not None:
        return _arrival(turn, row["arrival_id"], asked)
    return _no(asked, "It tells of no change, or of one that was not proven to come from its sender.")


def _is_of_a_conflict(turn: Turn, row: _Row) -> bool:
    """That still stands: its hook, heard again, would say what is known."""
    if row["reason"] != Reason.CONFLICT or row["link_id"] is None:
        return False
    return row["change"] in turn.link(row["link_id"]).link.conflicts


def _left(turn: Turn, row: _Row, asked: Replay) -> Answer | None:
    """A priority that had no counterpart: its hook, heard again, would say what is known; the map of today decides."""
    left = (
        None if row["link_id"] is None or row["change"] != Verb.PRIORITISE else unmapped.left(turn.tx, row["link_id"])
    )
    if left is None or row["direction"] != deliveries.direction(left.side):
        return None
    link = turn.link(row["link_id"])
    rules = turn.book.rules(link.link)
    decision = decided_today(link.link, left.side, Actor(left.actor), rules)
    if not decision.drafts:
        if decision.reason is Reason.NOT_MAPPED:
            return _no(asked, told(link.link, left.side, link.link.value(left.side, Field.PRIORITY) or ""))
        return _no(asked, SENTENCES[decision.reason or Reason.NOT_NEEDED])
    after = turn.save(link, decision.link)
    turn.add(after, decision.drafts, Origin(row["arrival_id"], replay=asked))
    wanted = after.link.wanted[left.side.other, Field.PRIORITY].value
    called = rules.priorities.called(wanted) if left.side is Side.CASE else wanted
    return _yes(asked, f"priority {called} goes to {_name(after, left.side.other)}.")


def _errand(turn: Turn, ended: store.Ended, asked: Replay) -> Answer:
    if ended.stored.errand.is_put_aside and ended.state in LIVE:
        return _no(asked, _LOOKED_FOR)
    if ended.state in _OVER:
        return _no(asked, _OVER[ended.state])
    stored, link = ended.stored, turn.link(ended.stored.link_id)
    if not turn.book.has_both(link.link):
        return _no(asked, _REMOVED)
    became = outcomes.of_errand(turn.tx, link.id, stored.id)  # Whichever of its rows a person has named.
    if ended.dealt_with == Dealt.REPLAYED:
        was_observed = became is not None and became.reason in {Reason.OBSERVING, Reason.READ_ONLY}
        return _no(asked, _BEFORE_OBSERVED if was_observed else "It was replayed before.")
    kind = stored.errand.kind
    origin = Origin(stored.arrival_id, replay=asked)
    if kind in FIELD_OF_WISH:
        answer = _wish(turn, ended, link, origin)
    elif became is None or not became.is_undone:
        return _no(asked, "Nothing was left to do when its turn came.")
    elif kind is ErrandKind.OPEN:
        answer = _open(turn, ended, link, origin)
    else:
        answer = _text(turn, ended, link, origin)
    if answer.is_going:
        store.deal_with(turn.tx, [stored.id], Dealt.REPLAYED)
    return answer


def _wish(turn: Turn, ended: store.Ended, link: StoredLink, origin: Origin) -> Answer:
    stored, asked = ended.stored, _asked(origin)
    errand = stored.errand
    if (never := _never_opened(link, errand)) is not None:
        return _no(asked, never)
    decision = decided_anew(turn, stored, link)
    if decision.reason is Reason.CONFLICT and decision.link != link.link:
        _arose(turn, replace(stored, replay=asked), turn.save(link, decision.link))
    if not decision.drafts:
        _settle(turn, ended, decision.outcome)
        return _no(asked, SENTENCES[decision.reason or Reason.NOT_NEEDED])
    after = turn.save(link, decision.link)
    turn.add(after, decision.drafts, origin)
    wish = after.link.wanted.get((errand.side, FIELD_OF_WISH[errand.kind]))
    rules = turn.book.rules(after.link)
    what = f"{errand.kind} {for_people(errand, wish.value, rules)}" if wish is not None else "a note in its place"
    return _yes(asked, f"{what} goes to {_name(after, errand.side)}.")


def _settle(turn: Turn, ended: store.Ended, outcome: Outcome | None) -> None:
    """Both sides have gone on without it: a person has seen so, and status names it no longer. What a policy or a mapping
    that is missing keeps back may still be wanted.
    """
    if ended.state is ErrandState.DEAD and outcome is Outcome.SUPPRESSED:
        store.deal_with(turn.tx, [ended.stored.id], Dealt.REPLAYED)


def _arose(turn: Turn, stored: StoredErrand, link: StoredLink) -> None:
    """It met what was on its way from the other side, and now a person decides between the two."""
    turn.say(rows.of_errand(stored, link, turn.now, rows.Ended(Outcome.HELD, Reason.CONFLICT)))


def _text(turn: Turn, ended: store.Ended, link: StoredLink, origin: Origin) -> Answer:
    """A note may stand there already, if an attempt at it ended without an answer: then it is looked for first."""
    errand, asked = ended.stored.errand, _asked(origin)
    if (never := _never_opened(link, errand)) is not None:
        return _no(asked, never)
    if ended.stored.far_id:
        return _no(asked, _OVER[ErrandState.DELIVERED])  # A hook has told us since that it stands.
    begun = ended.stored.begun_at
    if errand.is_doubtful and begun is not None:
        origin = replace(origin, doubtful_until=begun + LANDS_WITHIN)
    turn.add(link, (_draft(ended),), origin)
    return _yes(asked, f"{errand.kind} {errand.text[:80]!r} goes to {_name(link, errand.side)}.")


def _open(turn: Turn, ended: store.Ended, link: StoredLink, origin: Origin) -> Answer:
    asked = _asked(origin)
    if link.link.state not in {LinkState.FAILED, LinkState.ENDED}:
        _settle(turn, ended, Outcome.SUPPRESSED)
        return _no(asked, "Its incident is open, or being opened.")
    if link.link.is_case_over:
        return _no(asked, SENTENCES[Reason.CASE_OVER])
    opening = replace(link.link, state=LinkState.OPENING)
    is_behind = _is_acknowledged_unheard(link)
    if is_behind:
        opening = opening.want(Side.INCIDENT, Field.STATUS, Wish(Status.ACKNOWLEDGED, ""))
    after = turn.save(link, opening)
    turn.add(after, (_draft(ended),), replace(origin, doubtful_until=turn.now))
    if is_behind:
        turn.add(after, (Draft(Side.INCIDENT, ErrandKind.STATUS, Verb.ACKNOWLEDGE),), origin)
    return _yes(asked, f"An incident is opened for {_name(after, Side.CASE)}, unless one stands under its key already.")


def _is_acknowledged_unheard(link: StoredLink) -> bool:
    """The case was acknowledged while it had no incident, and nobody wants that any more: an incident opens unacknowledged.

    Its errand may lie there still; without a wish it comes to nothing.
    """
    is_wanted = (Side.INCIDENT, Field.STATUS) in link.link.wanted
    return link.link.value(Side.CASE, Field.STATUS) == Status.ACKNOWLEDGED and not is_wanted


def _never_opened(link: StoredLink, errand: Errand) -> str | None:
    if errand.side is Side.CASE or link.link.state is not LinkState.ENDED:
        return None
    return "Its incident was never opened; replay the delivery of the opening first."


def _arrival(turn: Turn, arrival_id: int, asked: Replay) -> Answer:
    """As a hook without a key, since one with its key was here before. What it tells is known again by its notes' ids."""
    arrival = store.kept(turn.tx, arrival_id)
    if arrival is None:
        return _no(asked, "Its hook is waiting to be planned still, or is not kept any more.")
    if arrival.days_of_body is not None:
        return _no(asked, f"Its hook's body was thrown away after {arrival.days_of_body} days.")
    row = NewArrival(
        arrival.source, None, arrival.event_type, arrival.record, arrival.body, turn.now, arrival.shard, asked
    )
    arrivals.add_many(turn.tx, [row])
    turn.shards.add(arrival.shard)
    return _yes(asked, f"Its hook about {arrival.record or 'no record'} is decided again.")


def _draft(ended: store.Ended) -> Draft:
    stored, errand = ended.stored, ended.stored.errand
    return Draft(errand.side, errand.kind, errand.change, errand.text, errand.author, stored.by, stored.occurred_at)


def _name(link: StoredLink, side: Side) -> str:
    return f"{side} {link.link.ref(side) or '(not opened yet)'}"


def _asked(origin: Origin) -> Replay:
    if origin.replay is None:
        message = "a replay that nobody asked for"
        raise AssertionError(message)
    return origin.replay


def _yes(asked: Replay, says: str) -> Answer:
    return Answer(asked.of, is_going=True, says=says[0].upper() + says[1:])


def _no(asked: Replay, says: str) -> Answer:
    return Answer(asked.of, is_going=False, says=says)
