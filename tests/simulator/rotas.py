"""Schedules for tests, drawn into the small account: on 2026-03-01 it is Sunday, noon in UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.simulator import Simulator
from syncd.simulator.account import Level, Target
from syncd.simulator.schedules import Layer, Rotation, Schedule, ShiftEvent, ShiftSchedule

DAY_S, WEEK_S = 86_400, 604_800


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def people(sim: Simulator) -> tuple[str, ...]:
    """Ana, Ben and Chidi."""
    return tuple(sim.account.users)[:3]


def layered(sim: Simulator, *layers: Layer, zone: str = "Europe/Berlin") -> Schedule:
    made = Schedule("PLAYERS", "Layers", zone, layers)
    sim.account.schedules[made.id] = made
    return made


def layer(users: tuple[str, ...], start: str = "2026-02-02T08:00", turn_s: int = WEEK_S, **more: object) -> Layer:
    return replace(Layer("PLAYER1", "Layer", utc(start), users, turn_s), **more)  # type: ignore[arg-type]  # each by its name


def event(
    users: tuple[str | None, ...], start: str = "2026-02-02T08:00", hours: float = 24, **more: object
) -> ShiftEvent:
    begins = utc(start)
    made = ShiftEvent(
        "E1", "Shift", begins, begins + timedelta(hours=hours), "Etc/UTC", begins, ("RRULE:FREQ=DAILY",), users
    )
    return replace(made, **more)  # type: ignore[arg-type]  # each by its name


def shifted(sim: Simulator, *events: ShiftEvent) -> ShiftSchedule:
    made = ShiftSchedule("PSHIFTS", "Shifts", "Etc/UTC", (Rotation("R1", events),))
    sim.account.shift_schedules[made.id] = made
    return made


def called(sim: Simulator, *levels: tuple[Target, ...]) -> str:
    """The first policy calls these, and nobody else. Gives its id."""
    policy = next(iter(sim.account.policies.values()))
    made = tuple(Level(f"L{number}", targets) for number, targets in enumerate(levels, start=1))
    sim.account.policies[policy.id] = replace(policy, levels=made)
    return policy.id
