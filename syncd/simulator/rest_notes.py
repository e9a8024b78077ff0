"""REST v2 for what is written about an incident: notes and log entries."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime

from syncd.simulator import notes, render
from syncd.simulator.account import Incident, LogEntry
from syncd.simulator.asked import Answer, answer
from syncd.simulator.callers import Caller, agent_of
from syncd.simulator.paging import page, window
from syncd.simulator.refusals import invalid, not_found
from syncd.simulator.rest_incidents import find
from syncd.simulator.world import World

Line = tuple[Incident, LogEntry]


def index(caller: Caller) -> Answer:
    return answer(200, {"notes": [render.note(each) for each in find(caller).notes]})


def create(caller: Caller) -> Answer:
    incident, agent = find(caller), agent_of(caller)
    note = notes.annotate(caller.world, incident, _content(caller), agent)
    return answer(caller.world.switches.post_status, {"note": render.note(note)})


def update(caller: Caller) -> Answer:
    incident, agent = find(caller), agent_of(caller)
    note = notes.edit(caller.world, incident, caller.path["note_id"], _content(caller), agent)
    return answer(200, {"note": render.note(note)})


def delete(caller: Caller) -> Answer:
    notes.delete(caller.world, find(caller), caller.path["note_id"], None)
    return answer(204)


def _content(caller: Caller) -> object:
    part = caller.body.get("note")
    return part.get("content") if isinstance(part, dict) else None


def log_of_incident(caller: Caller) -> Answer:
    incident = find(caller)
    given = caller.asked.one("since") or caller.asked.one("until")
    between = window(caller.asked, caller.world.now()) if given else None
    lines = [(incident, entry) for entry in incident.log]
    return _lines(caller, [line for line in lines if between is None or between[0] <= line[1].created_at <= between[1]])


def log(caller: Caller) -> Answer:
    between, lines = window(caller.asked, caller.world.now()), _all_lines(caller.world)
    if between is not None:
        since, until = between
        first = bisect_left(lines, since, key=_written_at)
        lines = lines[first : bisect_right(lines, until, lo=first, key=_written_at)]
    sight, account = caller.sight, caller.world.account
    if not sight.is_whole:
        lines = [line for line in lines if sight.sees(account.incident_teams(line[0]))]
    return _lines(caller, lines)


def _written_at(line: Line) -> datetime:
    return line[1].created_at


def log_entry(caller: Caller) -> Answer:
    incident, entry = _line(caller)
    return answer(200, {"log_entry": render.log_entry(caller.world.account, incident, entry)})


def rewrite_channel(caller: Caller) -> Answer:
    """The only way to rewrite an incident's details after it opened."""
    incident, entry = _line(caller)
    agent_of(caller)
    channel = caller.body.get("channel")
    if not isinstance(channel, dict) or "details" not in channel:
        raise invalid("Channel details cannot be empty.")
    entry.channel = {**entry.channel, **channel}
    if entry is incident.log[0]:
        incident.details = str(channel["details"])
    incident.updated_at = caller.world.now()
    caller.world.revision += 1
    return answer(202)


def _all_lines(world: World) -> list[Line]:
    """Thousands are put in order once, and not for each page of them."""

    def ordered() -> list[Line]:
        lines = [(incident, entry) for incident in world.account.incidents.values() for entry in incident.log]
        return sorted(lines, key=_written_at)

    return world.remembered("log", ordered)


def _line(caller: Caller) -> Line:
    for incident, entry in _all_lines(caller.world):
        if entry.id == caller.path["id"]:
            return incident, entry
    raise not_found()


def _lines(caller: Caller, lines: list[Line]) -> Answer:
    """Newest first. An overview leaves out whom PagerDuty told of it; what else it may leave out nobody has documented."""
    world = caller.world
    if caller.asked.one("is_overview") == "true":
        lines = [line for line in lines if line[1].type != "notify_log_entry"]
    shown = page(
        caller.asked, world.switches, "log_entries", lines[::-1], lambda line: render.log_entry(world.account, *line)
    )
    return answer(200, shown)
