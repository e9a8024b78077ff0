"""A worker stood still and came back when another had taken over: what it wrote stands besides, and is said and known as ours."""

from __future__ import annotations

from dataclasses import replace

import structlog

from syncd.core.answered import Answer
from syncd.core.changes import Record
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.core.weigh import Verdict
from syncd.store import links, notes
from syncd.store.links import StoredLink

from . import authors, own_looks, removed, rows
from .attempt import Attempted, Opened
from .turn import Turn

log = structlog.get_logger(__name__)


def settle_late(turn: Turn, one: Attempted) -> StoredLink:
    """It changes nothing about its errand, which is another attempt's by now."""
    stored = one.job.stored
    log.warning("errand.settled_late", errand_id=stored.id, attempt=stored.errand.attempt)
    link = turn.link(stored.link_id)
    authors.unmade(turn, stored, one.result, one.trip)
    if link.link.is_cut and isinstance(one.result, Opened):
        return _stands_alone(turn, one, link, one.result.record)
    told = _stands_besides(turn, one, link)
    if told:
        _say(turn, one, link, rows.Ended(Outcome.FAILED, Reason.LATE, told))
        turn.alarms.append((Reason.LATE, link))
    elif _is_field_written(one) and not link.link.is_cut:  # Of an account that is gone nothing can be read.
        _say(turn, one, link, rows.Ended(Outcome.APPLIED, Reason.WRITTEN_LATE))
        own_looks.ask(turn, link, stored.errand.side)
    return link


def _stands_alone(turn: Turn, one: Attempted, link: StoredLink, record: Record) -> StoredLink:
    """Its account or connector went while it was opened: whoever was called is at it, and nothing here follows it."""
    told = removed.opened(record)
    after = turn.save(link, replace(link.link, incident_url=record.url or link.link.incident_url))
    links.explain(turn.tx, link.id, f"{link.reason} {told}".strip())
    _say(turn, one, after, rows.Ended(Outcome.IGNORED, Reason.REMOVED, f"{SENTENCES[Reason.REMOVED]} {told}"))
    return after


def _say(turn: Turn, one: Attempted, link: StoredLink, ended: rows.Ended) -> None:
    turn.say(rows.of_errand(one.job.stored, link, turn.now, ended, one.trip))


def _is_field_written(one: Attempted) -> bool:
    return isinstance(one.result, Answer) and one.result.verdict is Verdict.WRITE and not one.result.note_id


def _stands_besides(turn: Turn, one: Attempted, link: StoredLink) -> str:
    match one.result:
        case Opened(record) if link.link.incident_id not in {"", record.ref}:
            return f"A second incident was opened, and no case is linked to it: {record.ref} {record.url}".rstrip()
        case Answer(Verdict.WRITE, note_id=note_id, note_text=text) if note_id:
            return _unknown_note(turn, one, note_id, text)
        case _:
            return ""  # Nothing was written, or nobody knows: the attempt that took over looks for it.


def _unknown_note(turn: Turn, one: Attempted, note_id: str, text: str) -> str:
    """Its hook must not be taken for what a person has said."""
    stored = one.job.stored
    known = notes.find(turn.tx, stored.link_id, stored.errand.side, note_id)
    if known is not None and known.errand_id == stored.id:
        return ""
    if known is None:
        notes.add(turn.tx, stored.link_id, stored.errand.side, note_id, turn.now, text=text, errand_id=stored.id)
    return f"These words may stand twice; this is note {note_id}."
