"""REST for shift-based schedules under /v3: bare references in lists, no totals, and 400 for what is kept in layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from syncd.simulator import render_schedules
from syncd.simulator.asked import Answer, Json, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import Limits, page_of_shifts
from syncd.simulator.refusals import invalid, not_found
from syncd.simulator.rest_schedules import required_window, window
from syncd.simulator.schedules import Rotation, ShiftSchedule

MANY = Limits(default=100, most=1_000)
FEW = Limits()
NOT_BY_SHIFTS = "The schedule is layer-based; use the v2 API for it."

Item = TypeVar("Item")


def index(caller: Caller) -> Answer:
    account, asked = caller.world.account, caller.asked
    part, teams = (asked.one("query") or "").casefold(), set(asked.many("team_ids"))
    rows = [
        it
        for it in account.shift_schedules.values()
        if part in it.name.casefold() and (not teams or teams & set(it.team_ids)) and caller.sight.sees(it.team_ids)
    ]
    return _page(caller, "schedules", rows, lambda it: render_schedules.shift_schedule_reference(account, it), MANY)


def show(caller: Caller) -> Answer:
    """Who is on call is worked out only where it is asked for, and with times."""
    found = _schedule(caller)
    wanted = window(caller, found) if "final_schedule" in caller.asked.many("include") else None
    return answer(200, {"schedule": render_schedules.shift_schedule(caller.world.account, found, wanted)})


def rotations(caller: Caller) -> Answer:
    account, found = caller.world.account, _schedule(caller)
    return _page(caller, "rotations", found.rotations, lambda it: render_schedules.rotation(account, found, it), FEW)


def rotation(caller: Caller) -> Answer:
    of, found = _schedule(caller), _rotation(caller)
    return answer(200, {"rotation": render_schedules.rotation(caller.world.account, of, found)})


def events(caller: Caller) -> Answer:
    account, found = caller.world.account, _rotation(caller)
    at = f"v3/schedules/{caller.path['id']}/rotations/{found.id}"
    rows = sorted(found.events, key=lambda it: it.start)
    return _page(caller, "events", rows, lambda it: render_schedules.event(account, at, it), FEW)


def overrides(caller: Caller) -> Answer:
    found = _schedule(caller)
    asked_for, custom = required_window(caller, found), {it.id for it in found.custom_shifts}
    rows = [it for it in found.overrides if it.start < asked_for.until and it.end > asked_for.since]
    return _page(
        caller,
        "overrides",
        rows,
        lambda it: render_schedules.shift_override(it, asked_for, is_custom=it.of in custom),
        FEW,
    )


def custom_shifts(caller: Caller) -> Answer:
    found = _schedule(caller)
    asked_for = required_window(caller, found)
    rows = [it for it in found.custom_shifts if it.start < asked_for.until and it.end > asked_for.since]
    return _page(caller, "custom_shifts", rows, lambda it: render_schedules.custom_shift(it, asked_for), FEW)


def _page(caller: Caller, name: str, rows: Sequence[Item], show_one: Callable[[Item], Json], limits: Limits) -> Answer:
    return answer(200, page_of_shifts(caller.asked, caller.world.switches, name, rows, show_one, limits))


def _schedule(caller: Caller) -> ShiftSchedule:
    account, wanted = caller.world.account, caller.path["id"]
    layered = account.schedules.get(wanted)
    if layered is not None and caller.sight.sees(layered.team_ids):
        raise invalid(NOT_BY_SHIFTS)
    found = account.shift_schedules.get(wanted)
    if found is None or not caller.sight.sees(found.team_ids):
        raise not_found()
    return found


def _rotation(caller: Caller) -> Rotation:
    wanted = caller.path["rotation_id"]
    found = next((it for it in _schedule(caller).rotations if it.id == wanted), None)
    if found is None:
        raise not_found()
    return found
