"""Whether a key sees the whole account: an account's key does, and a Global Admin; anybody else sees what their teams allow.

PagerDuty says so nowhere. A user's role tells it. Of an account's key that was bound to teams it is noticed by what it may see being
of a team that it may not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from syncd.errors import Refused
from syncd.systems.document import Json, pick_list, pick_name, pick_text
from syncd.systems.http import Http, segment
from syncd.systems.trip import Trip

from .account import KeyKind, whose_key_as_told
from .client import PAGE, pages

SEE_ALL: Mapping[str, str] = {"owner": "Account Owner", "admin": "Global Admin"}
SEE_THEIR_TEAMS = "restricted_access"
#: As PagerDuty's own pages call them.
ROLES: Mapping[str, str] = {
    **SEE_ALL,
    "user": "Manager",
    "limited_user": "Responder",
    "observer": "Observer",
    "restricted_access": "Restricted Access",
    "read_only_user": "Full Stakeholder",
    "read_only_limited_user": "Limited Stakeholder",
}
_LACKS_TEAMS, _HIDDEN = 402, frozenset({403, 404})
_ASKED = 5  # of teams that are named and not listed
_NAMED = 5
_UNSEEN = "services, schedules, escalation policies, people and incidents"


@dataclass(frozen=True, slots=True)
class Sight:
    is_whole: bool
    said: str  # a sentence without anybody's name: it stands in reports


def sight(http: Http, trip: Trip) -> Sight:
    """Two or three requests, that only read. Raises what it is refused with."""
    kind, told = whose_key_as_told(http, trip)
    role = pick_text(told, "role")
    if kind is KeyKind.USER and role in SEE_ALL:
        return Sight(is_whole=True, said=f"It belongs to a user who is {_article(role)}, and sees the whole account.")
    teams = _teams(http, trip)
    if teams is None:
        return Sight(is_whole=True, said="The account's plan has no teams, so that every key sees the whole account.")
    if kind is KeyKind.USER:
        return _of_user(role, pick_list(told, "teams"))
    return _of_account(http, trip, teams)


def _of_user(role: str, teams: Sequence[object]) -> Sight:
    named = ROLES.get(role, role or "unknown")
    if role != SEE_THEIR_TEAMS:
        said = f"It belongs to a user with the role {named}, who does not see {_UNSEEN} of private teams of others"
        return Sight(is_whole=False, said=f"{said}.")
    mine = [pick_text(one, "summary") or pick_name(one, "id") for one in teams]
    bound = f"their teams ({_several(mine)})" if mine else "their teams, and they are in none"
    return Sight(
        is_whole=False, said=f"It belongs to a user with the role {named}, who sees only {_UNSEEN} of {bound}."
    )


def _of_account(http: Http, trip: Trip, teams: Mapping[str, str]) -> Sight:
    """People are shown with all of their teams, also those that are not."""
    users = pick_list(http.send(trip, "GET", "/users", params={"limit": PAGE}).document(), "users")
    named = {pick_name(team, "id") for one in users for team in pick_list(one, "teams")} - {"", *teams}
    if _hidden(http, trip, sorted(named)):
        bound = f"It is an account's key that sees only {_UNSEEN} of some teams ({_several(list(teams.values()))})"
        return Sight(is_whole=False, said=f"{bound}: people it sees are in other teams as well, which it does not see.")
    return Sight(is_whole=True, said="It is an account's key, and sees the whole account.")


def _hidden(http: Http, trip: Trip, teams: Collection[str]) -> bool:
    """A team that was made since the list was read is shown when it is asked for."""
    return any(_is_hidden(http, trip, one) for one in list(teams)[:_ASKED])


def _is_hidden(http: Http, trip: Trip, team: str) -> bool:
    try:
        http.send(trip, "GET", f"/teams/{segment(team)}")
    except Refused as refused:
        if refused.status not in _HIDDEN:
            raise
        return True
    return False


def _teams(http: Http, trip: Trip) -> Mapping[str, str] | None:
    """Names by ids; None: the account's plan has none."""
    try:
        return {pick_name(one, "id"): _name(one) for one in pages(http, trip, "/teams", "teams")}
    except Refused as refused:
        if refused.status != _LACKS_TEAMS:
            raise
        return None


def _name(team: Json) -> str:
    return pick_text(team, "name") or pick_text(team, "summary") or pick_name(team, "id")


def _several(names: Sequence[str]) -> str:
    if not names:
        return "none that it is told"
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _article(role: str) -> str:
    return f"a {ROLES[role]}" if role == "admin" else f"the {ROLES[role]}"
