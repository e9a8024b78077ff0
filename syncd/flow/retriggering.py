"""An alert that was triggered before is triggered once more: while it is open that tells its severity, else it opens anew."""

from __future__ import annotations

from dataclasses import replace

from syncd.core import decide
from syncd.core.changes import CaseOpened, Field, FieldSeen, Side, Status, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.link import LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.store import links
from syncd.store.arrivals import Arrival
from syncd.store.links import StoredLink

from . import rows
from .turn import Turn, origin_of


def trigger_again(turn: Turn, arrival: Arrival, stored: StoredLink, seen: CaseOpened) -> None:
    stored = _retold(turn, stored, seen)
    if stored.link.state in {LinkState.ENDED, LinkState.FAILED}:
        _open_anew(turn, arrival, stored, seen)
        return
    rules, link = turn.book.rules(stored.link), stored.link
    was_over = link.value(Side.CASE, Field.STATUS) == Status.RESOLVED
    was_as_severe = link.value(Side.CASE, Field.PRIORITY) == seen.priority
    link = link.saw(Side.CASE, Field.PRIORITY, seen.priority, None)
    if was_over:  # Its trigger says the severity as well.
        link = link.saw(Side.CASE, Field.STATUS, Status.OPEN, None)
        link = link.saw(Side.INCIDENT, Field.PRIORITY, seen.priority, None)
        news, verb = FieldSeen(Field.STATUS, Status.OPEN, seen.by, is_certain=True), Verb.REOPEN
    elif not was_as_severe:
        news, verb = FieldSeen(Field.PRIORITY, seen.priority, seen.by, is_certain=True), Verb.PRIORITISE
    else:
        said = rows.Said(Verb.OPEN, Outcome.SUPPRESSED, Reason.UNCHANGED, by=seen.by.name)
        turn.say(rows.of_arrival(arrival, Side.CASE, turn.now, said, stored))
        return
    wanted = decide.want(link, news, Side.CASE, verb, rules)
    after = turn.save(stored, wanted.link)
    turn.add(after, wanted.drafts, origin_of(arrival))
    if wanted.outcome is not None and wanted.reason is not None:
        said = rows.Said(verb, wanted.outcome, wanted.reason, by=seen.by.name)
        turn.say(rows.of_arrival(arrival, Side.CASE, turn.now, said, after))


def _retold(turn: Turn, stored: StoredLink, seen: CaseOpened) -> StoredLink:
    """The next trigger says what was said last."""
    links.retell(turn.tx, stored.id, seen.title, seen.body)
    retold = replace(stored, title=seen.title, body=seen.body)
    turn.created(retold)
    return retold


def _open_anew(turn: Turn, arrival: Arrival, stored: StoredLink, seen: CaseOpened) -> None:
    """It came to nothing, or was over before it was sent."""
    link = replace(stored.link, state=LinkState.OPENING, wanted={})
    link = link.saw(Side.CASE, Field.STATUS, Status.OPEN, None).saw(Side.CASE, Field.PRIORITY, seen.priority, None)
    after = turn.save(stored, link)
    turn.add(after, (Draft(Side.INCIDENT, ErrandKind.OPEN, Verb.OPEN, by=seen.by),), origin_of(arrival))
