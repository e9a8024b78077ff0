"""Our coverage against the simulator's: of its made account, of random schedules in any zone, and around a change of the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.clock import StoppedClock
from syncd.evidence.spans import Span
from syncd.simulator import Simulator, simulator
from syncd.simulator.schedules import (
    CustomShift,
    Layer,
    Override,
    Restriction,
    Rotation,
    Schedule,
    ShiftEvent,
    ShiftOverride,
    ShiftSchedule,
)
from tests.evidence.simulated import both
from tests.simulator.estate import made

_ZONES = sorted(one for one in available_timezones() if "/" in one and not one.startswith(("posix", "right")))
_DAY = 1440  # minutes
_PEOPLE = ("U1", "U2", "U3", "U4")
_RULES = ("DAILY", "WEEKLY", "DAILY;INTERVAL=2", "WEEKLY;BYDAY=MO,WE,FR", "WEEKLY;INTERVAL=2;BYDAY=SA,SU", "MONTHLY")
_RARE = ("HOURLY;INTERVAL=12", "DAILY;COUNT=40")

Draw = st.DrawFn


@pytest.mark.parametrize(
    "now", [datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 10, 20, 3, 33, tzinfo=UTC)], ids=["spring", "autumn"]
)
def test_of_the_made_account_gaps_are_those_that_were_planted_and_no_voice_differs(now: datetime) -> None:
    """In each case clocks change within the window, in several of its zones and on several days."""
    with made(now=now) as sim:
        manifest = sim.manifest
        assert manifest is not None
        window = Span(manifest.made_at, manifest.made_at + timedelta(days=30))
        found = list(both(sim, window))
    assert [one.sentence for each in found for one in each.differs] == []
    gaps = {one.schedule.id: [(gap.start, gap.end) for gap in one.coverage.uncovered] for one in found}
    planted = {
        schedule: [(start, min(end, window.end)) for start, end in spans if start < window.end]
        for schedule, spans in manifest.gaps.items()
    }
    assert {one: spans for one, spans in gaps.items() if spans} == {
        one: spans for one, spans in planted.items() if spans
    }
    assert sum(bool(one.schedule.policies) for one in found) > 40


def test_a_restriction_keeps_its_time_on_the_wall_when_the_clock_leaps() -> None:
    """New York's on 8 March 2026 at 07:00 UTC: what began at 10:00 UTC begins at 09:00 from then on, for both sides."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    restriction = Restriction(time(5), 12 * 3600, None)
    layer = Layer("L1", "Days", noon - timedelta(days=30), ("U1",), 7 * 86_400, restrictions=(restriction,))
    schedule = Schedule("PL", "Days", "America/New_York", (layer,))
    with _of(noon, schedule, _empty()) as sim:
        (layered, *_) = both(sim, Span(noon, noon + timedelta(days=10)))
    begins = [gap.end for gap in layered.coverage.uncovered if gap.end < noon + timedelta(days=10)]
    assert [one.hour for one in begins if one.day < 8] == [10] * 6
    assert [one.hour for one in begins if one.day >= 8] == [9] * 4
    assert layered.from_rendered == ()


@st.composite
def _moment(draw: Draw, now: datetime, first: int, last: int) -> datetime:
    """Whole minutes, so many days from now."""
    return now + timedelta(minutes=draw(st.integers(first * _DAY, last * _DAY)))


@st.composite
def _restriction(draw: Draw) -> Restriction:
    start = time(draw(st.integers(0, 23)), draw(st.sampled_from((0, 15, 30, 45))))
    if draw(st.booleans()):
        return Restriction(start, draw(st.sampled_from((3600, 86_400, *(1800 * n for n in range(1, 41))))), None)
    return Restriction(start, 3600 * draw(st.integers(1, 160)), draw(st.integers(1, 7)))


@st.composite
def _layer(draw: Draw, now: datetime, number: int) -> Layer:
    start = draw(_moment(now, -100, 10))
    turn = draw(
        st.one_of(
            st.sampled_from((86_400, 604_800)),
            st.integers(1, 50).map(lambda n: 3600 * n),
            st.integers(1, 10).map(lambda n: 86_400 * n),
        )
    )
    return Layer(
        f"L{number}",
        "x",
        start,
        tuple(draw(st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=4))),
        turn,
        virtual_start=draw(st.one_of(st.none(), st.integers(0, 9000).map(lambda n: start - timedelta(minutes=n)))),
        end=draw(st.one_of(st.none(), st.integers(1, 3000).map(lambda n: start + timedelta(hours=n)))),
        restrictions=tuple(draw(st.lists(_restriction(), max_size=2))),
    )


@st.composite
def _layered(draw: Draw, now: datetime) -> Schedule:
    made_of = tuple(draw(_layer(now, number)) for number in range(draw(st.integers(0, 3))))
    schedule = Schedule("PL", "Layers", draw(st.sampled_from(_ZONES)), made_of)
    for number in range(draw(st.integers(0, 3))):
        start = draw(_moment(now, -2, 40))
        until = start + timedelta(minutes=draw(st.integers(1, 3000)))
        schedule.overrides.append(Override(f"O{number}", draw(st.sampled_from(_PEOPLE)), start, until))
    return schedule


_MEMBER = st.sampled_from((*_PEOPLE, None))


@st.composite
def _event(draw: Draw, now: datetime, number: int, zone: str) -> ShiftEvent:
    start = draw(_moment(now, -90, 5))
    lasts = draw(st.one_of(st.sampled_from((60, 480, 720, _DAY, 7 * _DAY)), st.integers(1, 4000)))
    return ShiftEvent(
        f"E{number}",
        "x",
        start,
        start + timedelta(minutes=lasts),
        draw(st.one_of(st.just(zone), st.sampled_from(_ZONES))),
        start + timedelta(minutes=draw(st.one_of(st.just(0), st.integers(0, 20_000)))),
        (f"RRULE:FREQ={draw(st.sampled_from((*_RULES, *_RARE)))}",),
        tuple(draw(st.lists(_MEMBER, min_size=1, max_size=4))),
        draw(st.one_of(st.none(), st.integers(20, 140).map(lambda n: start + timedelta(days=n)))),
        draw(st.integers(1, 5)),
        draw(st.booleans()),
    )


@st.composite
def _shifted(draw: Draw, now: datetime) -> ShiftSchedule:
    zone = draw(st.sampled_from(_ZONES))
    events = [draw(_event(now, number, zone)) for number in range(draw(st.integers(0, 3)))]
    schedule = ShiftSchedule(
        "PS", "Shifts", zone, (Rotation("R1", tuple(events[:2])), Rotation("R2", tuple(events[2:])))
    )
    customs = []
    for number in range(draw(st.integers(0, 2))):
        start = draw(_moment(now, 0, 30))
        customs.append(CustomShift(f"C{number}", start, start + _minutes(draw, 2000), draw(_MEMBER)))
    schedule.custom_shifts = tuple(customs)
    for number in range(draw(st.integers(0, 3))):
        start, of = draw(_moment(now, 0, 30)), draw(st.sampled_from(("R1", "R2", "C0")))
        until = start + _minutes(draw, 3000)
        schedule.overrides.append(ShiftOverride(f"V{number}", of, start, until, draw(_MEMBER), draw(_MEMBER)))
    return schedule


def _minutes(draw: Callable[[st.SearchStrategy[int]], int], most: int) -> timedelta:
    return timedelta(minutes=draw(st.integers(1, most)))


@st.composite
def _case(draw: Draw) -> tuple[datetime, Schedule, ShiftSchedule, int]:
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 1_500_000)))
    return now, draw(_layered(now)), draw(_shifted(now)), draw(st.integers(1, 30))


def _empty() -> ShiftSchedule:
    return ShiftSchedule("PS", "Shifts", "Etc/UTC", ())


def _of(now: datetime, layered: Schedule, shifted: ShiftSchedule) -> Simulator:
    sim = simulator(clock=StoppedClock(now))
    somebody = next(iter(sim.account.users.values()))
    sim.account.users.update({name: replace(somebody, id=name) for name in _PEOPLE})
    sim.account.schedules = {layered.id: layered}
    sim.account.shift_schedules = {shifted.id: shifted}
    return sim


@settings(max_examples=60)
@given(_case())
def test_of_random_schedules_both_sides_say_the_same(case: tuple[datetime, Schedule, ShiftSchedule, int]) -> None:
    now, layered, shifted, days = case
    with _of(now, layered, shifted) as sim:
        found = list(both(sim, Span(now, now + timedelta(days=days))))
    assert len(found) == 3
    assert [difference.sentence for one in found for difference in one.differs] == []
