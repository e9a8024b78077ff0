"""Schedules of the simulated account as the API gives them, read by ours: two sides that share no code, each the other's judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import httpx

from syncd.evidence.comparison import Differences, against_oncalls, against_rendered
from syncd.evidence.coverage import Coverage, coverage
from syncd.evidence.facts.oncalls import OnCall, oncall_of
from syncd.evidence.facts.reading import read_all
from syncd.evidence.schedules.reading import read_layered, read_shift_based
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown
from syncd.simulator import Simulator
from tests.simulator.conftest import client


@dataclass(frozen=True, slots=True)
class Both:
    """A schedule, what we make of it, and where the simulator's two voices differ from that."""

    schedule: Schedule
    coverage: Coverage
    from_rendered: Differences
    from_oncalls: Differences

    @property
    def differs(self) -> Differences:
        return (*self.from_rendered, *self.from_oncalls)


def both(sim: Simulator, window: Span) -> Iterator[Both]:
    sim.switches.requests_per_minute = 10**6
    with client(sim, sim.keys.read_only, email=None) as rest:
        said, missing = read_all(_all(rest, "/oncalls", "oncalls", _window(window)), oncall_of)
        assert not missing
        for schedule in _schedules(sim, rest, window):
            found = coverage(schedule, window)
            assert isinstance(found, Coverage), found
            rendered = against_rendered(schedule, found)
            assert not isinstance(rendered, Unknown), rendered
            yield Both(schedule, found, rendered, _from_oncalls(schedule, found, said))


def _from_oncalls(schedule: Schedule, found: Coverage, said: Iterable[OnCall]) -> Differences:
    """Of one that no policy uses /oncalls says nothing."""
    shifts = [Shift(one.span, one.user) for one in said if one.schedule == schedule.id]
    return against_oncalls(found, shifts, (found.window,)) if schedule.policies else ()


def _schedules(sim: Simulator, rest: httpx.Client, window: Span) -> Iterator[Schedule]:
    asked = _window(window)
    for one in sim.account.schedules:
        body = rest.get(f"/schedules/{one}", params=asked).json()["schedule"]
        yield _read(read_layered(body, window))
        overrides = rest.get(f"/schedules/{one}/overrides", params={**asked, "overflow": "true"}).json()["overrides"]
        yield _read(read_layered(body, window, overrides))
    for one in sim.account.shift_schedules:
        path, more = f"/v3/schedules/{one}", {**asked, "overflow": "true"}
        body = rest.get(path, params={**asked, "include[]": "final_schedule"}).json()["schedule"]
        overrides = list(_all(rest, f"{path}/overrides", "overrides", more))
        customs = list(_all(rest, f"{path}/custom_shifts", "custom_shifts", more))
        yield _read(read_shift_based(body, window, overrides, customs))


def _read(found: Schedule | Unknown) -> Schedule:
    assert isinstance(found, Schedule), found
    return found


def _window(span: Span) -> dict[str, str]:
    return {"since": span.start.isoformat(), "until": span.end.isoformat()}


def _all(rest: httpx.Client, path: str, name: str, params: Mapping[str, str]) -> Iterator[object]:
    offset = 0
    while True:
        page = rest.get(path, params={**params, "limit": 100, "offset": offset}).json()
        yield from page[name]
        if not page["more"]:
            return
        offset += 100
