"""A case asks for an incident: the link is written down, and the errand that opens it heads the incident's lane."""

from __future__ import annotations

from syncd.connections.routing.words import Routed
from syncd.core import alert, wording
from syncd.core.changes import CaseOpened, Field, Side, Status, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.link import Link, LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.core.shard import shard_of
from syncd.store import links
from syncd.store.arrivals import Arrival
from syncd.systems.port import Opening

from . import retriggering, rows
from .claim import Job
from .opening_key import key_of
from .turn import Turn, origin_of


def open_link(turn: Turn, arrival: Arrival, case_id: str, seen: CaseOpened) -> None:
    there = turn.find(arrival.source, Side.CASE, case_id)
    if there is None:
        _open(turn, arrival, case_id, seen)
    elif arrival.source == alert.SOURCE:
        retriggering.trigger_again(turn, arrival, there, seen)
    else:
        _say(turn, arrival, seen, Outcome.SUPPRESSED, Reason.DUPLICATE)
    turn.backlog.planned.append(arrival.id)


def _open(turn: Turn, arrival: Arrival, case_id: str, seen: CaseOpened) -> None:
    routed = turn.book.chart(turn.tx).route(arrival.source, seen)
    if isinstance(routed, Reason):
        _say(turn, arrival, seen, Outcome.IGNORED, routed)
    else:
        _create(turn, arrival, case_id, seen, routed)


def _create(turn: Turn, arrival: Arrival, case_id: str, seen: CaseOpened, routed: Routed) -> None:
    connector = routed.connector
    link = Link(
        id="",
        case_system=arrival.source,
        case_id=case_id,
        integration=connector.integration,
        connector=connector.name,
        state=LinkState.OPENING,
        case_url=seen.url,
        priorities=routed.preset.priorities,
    )
    link = link.saw(Side.CASE, Field.STATUS, Status.OPEN, seen.at)
    link = link.saw(Side.CASE, Field.PRIORITY, seen.priority, seen.at)
    text = routed.words(case_id, seen)
    stored = links.create(
        turn.tx,
        link,
        key=key_of(turn.book.integrations[arrival.source], case_id),
        title=text.title,
        body=text.body,
        shard=shard_of(f"{arrival.source}/{case_id}"),
        now=turn.now,
        style=routed.style(text, seen),
    )
    turn.created(stored)
    if arrival.reconcile_id is not None:
        turn.differences[arrival.reconcile_id] += 1  # A case that nobody here knew of.
    draft = Draft(Side.INCIDENT, ErrandKind.OPEN, Verb.OPEN, by=seen.by, occurred_at=seen.at)
    turn.add(stored, (draft,), origin_of(arrival))
    turn.replan(arrival.source, case_id)  # Hooks about this case that overtook the one that opened it.


def opening_of(job: Job) -> Opening:
    """Its incident as it is to be opened now, or triggered once more where only events are taken."""
    link, rules, style = job.link.link, job.rules, job.link.style
    priority = rules.priorities.across(Side.CASE, link.value(Side.CASE, Field.PRIORITY) or "") or ""
    can = job.system.capabilities
    title = wording.calm(job.link.title, can)
    if link.case_system == alert.SOURCE:
        told = alert.from_text(job.link.body)
        words = (told.dedup_key, title, told.details)
        return Opening(*words, job.service, priority, source=told.source, links=told.links)
    return Opening(
        job.link.key,
        title,
        wording.calm(job.link.body, can),
        job.service,
        priority,
        style.urgency,
        style.escalation_policy,
        case=link.case_id,
        url=link.case_url,
        source=link.case_system,
    )


def _say(turn: Turn, arrival: Arrival, seen: CaseOpened, outcome: Outcome, reason: Reason) -> None:
    said = rows.Said(Verb.OPEN, outcome, reason, by=seen.by.name, at=seen.at)
    turn.say(rows.of_arrival(arrival, Side.CASE, turn.now, said))
