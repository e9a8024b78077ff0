"""A team with its members, as `GET /teams` and `GET /teams/{id}/members` give them; and what an account is able to do."""

from __future__ import annotations

from dataclasses import dataclass

from .reading import Json, mapping, text, text_or, texts


@dataclass(frozen=True, slots=True)
class Member:
    user: str
    role: str  # in the team: manager, responder, observer


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    name: str
    members: tuple[Member, ...] | None = ()  # None: not read

    def has(self, user: str) -> bool | None:
        return None if self.members is None else any(one.user == user for one in self.members)


@dataclass(frozen=True, slots=True)
class Ability:
    id: str  # its name


def team_of(given: Json, members: tuple[Member, ...] | None) -> Team:
    return Team(text(given, "id"), text_or(given, "name", text_or(given, "summary", text(given, "id"))), members)


def abilities_of(given: Json) -> tuple[Ability, ...]:
    """Of the whole answer of `GET /abilities`, which is a list of words."""
    return tuple(Ability(one) for one in texts(given, "abilities"))


def member_of(given: Json) -> Member:
    return Member(text(mapping(given.get("user"), "user"), "id"), text_or(given, "role"))
