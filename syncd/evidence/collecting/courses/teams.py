"""The course of teams: their list, and the members of each."""

from __future__ import annotations

from syncd.evidence.facts.dataset import Missing
from syncd.evidence.facts.reading import Json
from syncd.evidence.facts.teams import Team, member_of, team_of

from .paging import Kind, listed
from .refusals import GONE
from .request import Course, Gathered, Request


def teams() -> Course[Gathered[Team]]:
    found = yield from listed(Kind(Request("/teams"), "teams", lambda given: team_of(given, None)))
    missing, rows = list(found.missing), list[Team]()
    for team in found.rows.values():
        kind = Kind(Request(f"/teams/{team.id}/members"), "members", member_of, key=_whose)
        members = yield from listed(kind)
        if members.status in GONE:  # It was deleted since the list was read.
            continue
        rows.append(Team(team.id, team.name, None if members.missing else tuple(members.rows.values())))
        missing += [Missing(one.why, team.id, one.needs) for one in members.missing[:1]]
    return Gathered(tuple(rows), tuple(missing))


def _whose(given: Json) -> str:
    return member_of(given).user
