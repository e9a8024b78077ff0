"""Who is on call for an escalation policy, level by level: the schedules and people that its levels name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.simulator import layers, shifts
from syncd.simulator.account import Account, Policy
from syncd.simulator.schedules import AnySchedule, Schedule
from syncd.simulator.world import World

AN_INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Duty:
    """One unbroken time of one person. No schedule: they are named by the policy itself, for good."""

    policy_id: str
    level: int
    user_id: str
    schedule_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Time:
    user_id: str
    start: datetime
    end: datetime | None


def times(schedule: AnySchedule, since: datetime, until: datetime) -> list[Time]:
    """Each whole, also where it reaches out of the window."""
    if isinstance(schedule, Schedule):
        return [Time(each.user_id, each.start, each.end) for each in layers.whole(schedule, since, until)]
    found = shifts.assigned(schedule, since, until)
    return [Time(each.member, each.start, each.end) for each in found if each.member is not None]


def duties(world: World, policies: Iterable[Policy], since: datetime, until: datetime) -> list[Duty]:
    """Schedules are asked once, however many policies name them."""
    account = world.account
    asked: dict[str, list[Time]] = {}

    def of(schedule_id: str) -> list[Time]:
        schedule = account.schedule(schedule_id)
        if schedule_id not in asked:
            asked[schedule_id] = [] if schedule is None else times(schedule, since, until)
        return asked[schedule_id]

    return [
        duty
        for policy in policies
        for number, level in enumerate(policy.levels, start=1)
        for target in level.targets
        for duty in (
            [Duty(policy.id, number, target.id)]
            if target.kind == "user"
            else [Duty(policy.id, number, t.user_id, target.id, t.start, t.end) for t in of(target.id)]
        )
        if _is_active(account, duty)
    ]


def earliest(found: Iterable[Duty]) -> list[Duty]:
    """The first of each policy, level and person."""
    firsts: dict[tuple[str, int, str], Duty] = {}
    for each in found:
        key = each.policy_id, each.level, each.user_id
        if key not in firsts or _begins(each) < _begins(firsts[key]):
            firsts[key] = each
    return list(firsts.values())


def _begins(duty: Duty) -> float:
    return duty.start.timestamp() if duty.start is not None else float("-inf")


def _is_active(account: Account, duty: Duty) -> bool:
    user = account.users.get(duty.user_id)
    return user is not None and user.active


def on_call(world: World, service_id: str) -> tuple[str, ...]:
    return on_call_by(world, world.account.services[service_id].policy_id)


def on_call_by(world: World, policy_id: str) -> tuple[str, ...]:
    """Whoever an incident goes to now: of the first level that has somebody."""
    policy = world.account.policies.get(policy_id)
    if policy is None:
        return ()
    now = world.now()
    found = duties(world, [policy], now, now + AN_INSTANT)
    first = min((duty.level for duty in found), default=0)
    return tuple(dict.fromkeys(duty.user_id for duty in found if duty.level == first))


def users_of(schedule: AnySchedule, since: datetime, until: datetime) -> Iterator[str]:
    yield from dict.fromkeys(time.user_id for time in times(schedule, since, until))
