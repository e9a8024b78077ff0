"""A person decides a conflict. What they chose is a wish like any other, at the end of its lane."""

from __future__ import annotations

from datetime import timedelta

import structlog

from syncd.connections.open import Connections
from syncd.core.changes import Actor, Field, Side
from syncd.core.reasons import SENTENCES, Reason
from syncd.core.resolve import resolve as decided
from syncd.errors import Conflict, NotFound
from syncd.flow import rows
from syncd.flow.book import Book
from syncd.flow.names import Names
from syncd.flow.turn import Origin, Turn
from syncd.store.database import Database
from syncd.store.links import StoredLink

log = structlog.get_logger(__name__)
_SIDES = {Side.CASE: "case", Side.INCIDENT: "pagerduty"}


def resolve(db: Database, connections: Connections, link_id: int, field: Field, chosen: Side, *, by: str) -> list[int]:
    """The shards to wake. What is paused, disconnected or only observed takes it in as it would any change."""
    with db.write() as tx:
        turn = Turn(tx, db.now(tx), Book.open(tx, connections), timedelta(0))
        stored = _in_conflict(turn, link_id, field)
        decision = decided(stored.link, field, chosen, Actor(by), turn.book.rules(stored.link))
        if decision.reason is Reason.NOT_MAPPED:
            raise Conflict(_not_mapped(turn, stored, chosen))
        after = turn.save(stored, decision.link)
        turn.add(after, decision.drafts, Origin(received_at=turn.now))
        if decision.outcome is not None and decision.reason is not None:
            why = f"{by} decided for the {_SIDES[chosen]}. {SENTENCES[decision.reason]}"
            turn.say(
                rows.of_decision(
                    after, chosen, turn.now, rows.Said(decision.change, decision.outcome, decision.reason, why, by)
                )
            )
        turn.write()
    log.info("conflict.resolved", link_id=link_id, field=str(field), chosen=str(chosen), by=by)
    return sorted(turn.shards | turn.lanes)


def _in_conflict(turn: Turn, link_id: int, field: Field) -> StoredLink:
    turn.hold([link_id])
    try:
        stored = turn.link(link_id)
    except KeyError:
        raise NotFound(f"There is no link {link_id}; see `syncd conflicts list`.") from None
    if field not in stored.link.conflicts:
        raise Conflict(f"The {field} of link {link_id} is in no conflict; see `syncd conflicts list`.")
    return stored


def _not_mapped(turn: Turn, stored: StoredLink, chosen: Side) -> str:
    value = stored.link.chosen(chosen, Field.PRIORITY) or "(none)"
    if chosen is Side.INCIDENT:
        value = Names.of(turn.book.connectors.values()).priority(stored.link, value) or value
    return (
        f"Priority {value} has no counterpart on the other side; decide for the {_SIDES[chosen.other]}, or set another "
        f"priority on the {chosen} first."
    )
