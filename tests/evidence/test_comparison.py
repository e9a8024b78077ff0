"""Where our computation, the rendered schedule and /oncalls disagree: in which time, whom we see and whom they name."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.evidence.comparison import against_oncalls, against_rendered
from syncd.evidence.facts.policies import Level, Target
from syncd.evidence.levels import level_coverage
from syncd.evidence.schedules.reading import read_layered
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown
from tests.evidence import generated
from tests.evidence.bodies import computed, entry, layer, layered, member, read, read_shifts, shift_based, span
from tests.evidence.bodies import event as an_event
from tests.evidence.walk import moment_of

_DAY = span("2026-03-02", "2026-03-03")
Json = dict[str, Any]


def _final(*entries: Json) -> Json:
    return {"final_schedule": {"name": "Final Schedule", "rendered_schedule_entries": list(entries)}}


def _told(found: object) -> list[tuple[Span, set[str], set[str]]]:
    assert isinstance(found, tuple), found
    return [(one.span, set(one.computed), set(one.said)) for one in found]


def test_voices_that_agree_leave_nothing_to_say() -> None:
    schedule = read(
        layered(layer("PANN"), **_final(entry("PANN", "2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z"))), _DAY
    )
    assert against_rendered(schedule, computed(schedule)) == ()
    said = (Shift(span("2026-03-01", "2026-03-09"), "PANN"),)
    assert against_oncalls(computed(schedule), said, (_DAY,)) == ()


def test_a_difference_says_when_whom_we_see_and_whom_they_name() -> None:
    shown = [
        entry("PANN", "2026-03-02T00:00:00Z", "2026-03-02T06:00:00Z"),
        entry("PBOB", "2026-03-02T06:00:00Z", "2026-03-02T07:30:00Z"),
        entry("PBOB", "2026-03-02T07:30:00Z", "2026-03-02T08:00:00Z"),
        entry("PANN", "2026-03-02T09:00:00Z", "2026-03-03T00:00:00Z"),
    ]
    schedule = read(layered(layer("PANN"), **_final(*shown)), _DAY)
    found = against_rendered(schedule, computed(schedule))
    assert _told(found) == [
        (span("2026-03-02T06:00", "2026-03-02T08:00"), {"PANN"}, {"PBOB"}),
        (span("2026-03-02T08:00", "2026-03-02T09:00"), {"PANN"}, set()),
    ]
    assert isinstance(found, tuple)
    assert found[1].sentence == (
        "From 2026-03-02 08:00 to 2026-03-02 09:00 UTC PANN should be on call for PSCHED1, and by the schedule that "
        "PagerDuty renders it is nobody."
    )


def test_of_several_at_once_only_those_who_differ_make_a_difference() -> None:
    shown = [
        {"start_time": "2026-03-02T00:00:00Z", "end_time": "2026-03-03T00:00:00Z", "member": member(who)}
        for who in ("PBOB", None, "PANN")
    ]
    body = shift_based(an_event("PANN", "PBOB", each=None), final_schedule={"computed_shift_assignments": shown})
    schedule = read_shifts(body, _DAY)
    assert against_rendered(schedule, computed(schedule)) == ()
    other = read_shifts(body | {"final_schedule": {"computed_shift_assignments": shown[:1]}}, _DAY)
    assert _told(against_rendered(other, computed(other))) == [(_DAY, {"PANN", "PBOB"}, {"PBOB"})]


def test_oncalls_that_miss_a_schedule_are_a_difference_within_what_was_asked() -> None:
    schedule = read(layered(layer("PANN")), _DAY)
    half = span("2026-03-02T12:00", "2026-03-04")
    assert against_oncalls(computed(schedule), (), ()) == ()
    assert _told(against_oncalls(computed(schedule), (), (half,))) == [
        (span("2026-03-02T12:00", "2026-03-03"), {"PANN"}, set())
    ]


def test_a_level_has_its_own_people_also_by_name() -> None:
    level = level_coverage("PPOL1/2", Level(30, (Target("PBOB", False),)), {}, _DAY)
    assert not isinstance(level, Unknown)
    assert against_oncalls(level, (Shift(_DAY, "PBOB"),), (_DAY,)) == ()
    assert _told(against_oncalls(level, (), (_DAY,))) == [(_DAY, {"PBOB"}, set())]


def test_what_was_not_asked_cannot_disagree() -> None:
    schedule = read(layered(layer("PANN")), _DAY)
    assert isinstance(against_rendered(schedule, computed(schedule)), Unknown)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_we_compute_agrees_with_itself_and_a_shift_that_is_taken_away_is_found(data: st.DataObject) -> None:
    near, start, end = data.draw(generated.windows())
    window = Span(moment_of(start), moment_of(end))
    body = data.draw(generated.layered(near, start))
    first = read_layered(body, window)
    assert isinstance(first, Schedule)
    coverage = computed(first)
    shifts = [entry(str(one.person), one.span.start.isoformat(), one.span.end.isoformat()) for one in coverage.shifts]
    same = read(body | _final(*shifts), window)
    assert against_rendered(same, coverage) == ()
    for number, shift in enumerate(coverage.shifts):
        other = read(body | _final(*shifts[:number], *shifts[number + 1 :]), window)
        assert _told(against_rendered(other, coverage)) == [(shift.span, {shift.person}, set())]
