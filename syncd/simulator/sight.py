"""What a caller may see: an account's key everything, a team's key what is that team's, a person what their role and teams allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syncd.simulator.account import Account, Key

SEE_ALL = ("owner", "admin")
SEE_THEIR_TEAMS = ("restricted_access",)


@dataclass(frozen=True, slots=True)
class Sight:
    teams: frozenset[str] | None = None  # only what belongs to one of them; None: not bound to teams
    private: frozenset[str] = frozenset()  # what belongs to these alone is hidden

    @property
    def is_whole(self) -> bool:
        return self.teams is None and not self.private

    def sees(self, team_ids: Iterable[str]) -> bool:
        owners = frozenset(team_ids)
        if self.teams is not None:
            return bool(owners & self.teams)
        return not owners or not owners <= self.private


EVERYTHING = Sight()


def sight_of(account: Account, key: Key) -> Sight:
    if key.team_ids:
        return Sight(frozenset(key.team_ids))
    user = account.users.get(key.user_id or "")
    if key.kind != "user" or user is None or user.role in SEE_ALL:
        return EVERYTHING
    own = frozenset(team.id for team in account.teams.values() if user.id in team.members)
    if user.role in SEE_THEIR_TEAMS:
        return Sight(own)
    return Sight(private=frozenset(t.id for t in account.teams.values() if t.is_private) - own)
