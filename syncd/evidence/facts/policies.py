"""An escalation policy, as `GET /escalation_policies` gives it: its levels, whom each calls, and how often it goes round."""

from __future__ import annotations

from dataclasses import dataclass

from .reading import Json, Unexpected, ids, kind, objects, text, text_or, whole


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    is_schedule: bool  # of either kind; otherwise it is a user


@dataclass(frozen=True, slots=True)
class Level:
    delay_minutes: int
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    name: str
    levels: tuple[Level, ...] | None = ()  # the first is asked first; None: not read
    loops: int | None = 0
    services: tuple[str, ...] | None = ()
    teams: tuple[str, ...] | None = ()

    @property
    def schedules(self) -> frozenset[str]:
        return frozenset(one.id for level in self.levels or () for one in level.targets if one.is_schedule)

    @property
    def users(self) -> frozenset[str]:
        """Whom it names themselves, and not by a schedule."""
        return frozenset(one.id for level in self.levels or () for one in level.targets if not one.is_schedule)


def policy_of(given: Json) -> Policy:
    rules = objects(given, "escalation_rules")
    return Policy(
        id=text(given, "id"),
        name=text_or(given, "name", text_or(given, "summary", text(given, "id"))),
        levels=None if rules is None else tuple(_level(one) for one in rules),
        loops=whole(given, "num_loops") if given.get("num_loops") is not None else None,
        services=ids(given, "services"),
        teams=ids(given, "teams"),
    )


def _level(given: Json) -> Level:
    targets = objects(given, "targets")
    if targets is None:
        raise Unexpected("escalation_rules.targets", "list")
    # A target without an id was deleted: it calls nobody.
    known = tuple(_target(one) for one in targets if one.get("id") is not None)
    return Level(whole(given, "escalation_delay_in_minutes"), known)


def _target(given: Json) -> Target:
    what = kind(given)
    if what not in {"user", "schedule", "schedule_v3"}:
        raise Unexpected(f"escalation_rules.targets.type ({what})", "user or schedule")
    return Target(text(given, "id"), is_schedule=what != "user")
