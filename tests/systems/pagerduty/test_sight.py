"""Whether a key sees the whole account is told by its user's role, by what it names and does not show, and by the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncd.errors import Refused
from syncd.simulator import BOT_EMAIL, Fault, Simulator
from syncd.simulator.account import Key
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.sight import ROLES, Sight, sight
from syncd.systems.trip import Trip
from tests.simulator.estate import made


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    with made() as one:
        yield one


@pytest.fixture
def estate(shared: Simulator) -> Iterator[Simulator]:
    roles = {user.id: user for user in shared.account.users.values()}
    yield shared
    shared.account.users.update(roles)
    shared.switches.has_teams = True
    shared.faults.clear()


def seen(sim: Simulator, key: str) -> Sight:
    trip = Trip.begin("sight", sim.world.clock.monotonic)
    return sight(client.http(key, "", transport=sim.transport()), trip)


def test_an_accounts_key_sees_everything(estate: Simulator) -> None:
    for key in (estate.keys.full, estate.keys.read_only):
        found = seen(estate, key)
        assert found == Sight(is_whole=True, said="It is an account's key, and sees the whole account.")


def test_an_accounts_key_that_is_bound_to_a_team_names_others_that_it_does_not_see(estate: Simulator) -> None:
    found = seen(estate, estate.keys.team)
    (team,) = estate.account.keys[estate.keys.team].team_ids
    assert not found.is_whole
    assert f"of some teams ({estate.account.teams[team].name})" in found.said


def test_a_user_with_restricted_access_sees_their_teams(estate: Simulator) -> None:
    found = seen(estate, estate.keys.bound)
    user = estate.account.keys[estate.keys.bound].user_id
    assert user is not None
    assert not found.is_whole
    assert "with the role Restricted Access, who sees only services, schedules" in found.said
    assert all(team.name in found.said for team in estate.account.teams_of(user))
    assert estate.account.users[user].name not in found.said, "it stands in reports"


@pytest.mark.parametrize("role", ROLES)
def test_by_the_role_of_its_user(estate: Simulator, role: str) -> None:
    estate.people.set_role(_owner(estate, estate.keys.admin), role)
    found = seen(estate, estate.keys.admin)
    assert found.is_whole is (role in {"owner", "admin"})
    assert ROLES[role] in found.said


def _owner(sim: Simulator, key: str) -> str:
    user = sim.account.keys[key].user_id
    assert user is not None
    return user


def test_without_teams_on_its_plan_every_key_sees_everything(estate: Simulator) -> None:
    estate.switches.has_teams = False
    assert all(seen(estate, key).is_whole for key in (estate.keys.bound, estate.keys.full))


def test_a_team_that_was_made_meanwhile_hides_nothing(estate: Simulator) -> None:
    """A page of teams that comes late lacks one of them, which is there when it is asked for."""
    estate.faults.lay(Fault(status=200, path="/teams", count=1, body={"teams": [], "more": False}))
    assert seen(estate, estate.keys.full).is_whole


def test_whoever_may_not_ask_is_refused(estate: Simulator) -> None:
    estate.faults.lay(Fault(status=403, path="/teams", count=1))
    with pytest.raises(Refused):
        seen(estate, estate.keys.full)


def test_a_token_is_its_users(estate: Simulator) -> None:
    user = _owner(estate, estate.keys.bound)
    token = Key("token", "user", user, scopes=("read",))
    estate.account.keys["token"] = replace(token)
    assert not seen(estate, "token").is_whole
    assert BOT_EMAIL
