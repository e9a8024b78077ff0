"""Coverage of schedules that a person can check by hand: which gaps, to the minute, and why."""

from __future__ import annotations

import pytest

from syncd.evidence.coverage import coverage
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown
from tests.evidence.bodies import (
    DAY,
    HOUR,
    computed,
    daily,
    entry,
    event,
    layer,
    layered,
    member,
    on_call,
    read,
    read_shifts,
    shift_based,
    span,
    told,
    weekly,
)

WEEK = span(
    "2026-03-02", "2026-03-09"
)  # a Monday, and the week in which New York's clock goes forward (8 March, 07:00 UTC)


def test_a_rotation_around_the_clock_has_no_gap() -> None:
    found = computed(read(layered(layer("PANN", "PBOB")), WEEK))
    assert (found.gaps, set(found.people)) == ((), {"PANN"})  # the ninth week
    assert found.of == "PSCHED1"


def test_a_schedule_without_layers_is_always_a_gap() -> None:
    assert told(computed(read(layered(), WEEK))) == [("03-02 00:00", "03-09 00:00", "no_layers")]
    assert told(computed(read_shifts(shift_based(rotations=[]), WEEK))) == [("03-02 00:00", "03-09 00:00", "no_layers")]


def test_an_override_covers_also_where_there_is_no_layer() -> None:
    body = layered(overrides=(entry("PANN", "2026-03-03T00:00:00Z", "2026-03-10T00:00:00Z"),))
    assert told(computed(read(body, WEEK))) == [("03-02 00:00", "03-03 00:00", "no_layers")]


def test_office_hours_are_those_of_the_wall_before_and_after_the_clock_is_changed() -> None:
    window = span("2026-03-07T12:00", "2026-03-09T22:00")
    found = computed(read(layered(layer("PANN", restrictions=[daily("09:00:00", 8)]), zone="America/New_York"), window))
    assert told(found) == [
        ("03-07 12:00", "03-07 14:00", "restricted"),
        ("03-07 22:00", "03-08 13:00", "restricted"),  # 09:00 is an hour earlier now
        ("03-08 21:00", "03-09 13:00", "restricted"),
        ("03-09 21:00", "03-09 22:00", "restricted"),
    ]


def test_a_weekend_that_is_left_open() -> None:
    weekdays = [weekly(day, "00:00:00", 24) for day in range(1, 6)]
    found = computed(read(layered(layer("PANN", restrictions=weekdays)), WEEK))
    assert told(found) == [("03-07 00:00", "03-09 00:00", "restricted")]


def test_a_restriction_over_midnight_and_one_over_the_end_of_the_week() -> None:
    nights = layer("PANN", restrictions=[daily("22:00:00", 8)])
    weekend = layer("PBOB", restrictions=[weekly(7, "06:00:00", 40)])  # from Sunday 06:00 to Monday 22:00
    found = computed(read(layered(nights, weekend), span("2026-03-02T00:00", "2026-03-03T12:00")))
    assert told(found) == [("03-03 06:00", "03-03 12:00", "restricted")]


def test_a_restriction_that_began_six_days_ago_still_holds() -> None:
    from_tuesday = layer("PANN", restrictions=[weekly(2, "18:00:00", 6 * 24)])
    found = computed(read(layered(from_tuesday), span("2026-03-08T12:00", "2026-03-10T20:00")))
    assert told(found) == [("03-09 18:00", "03-10 18:00", "restricted")]


@pytest.mark.parametrize(
    ("start", "hours", "window", "gaps"),
    [
        pytest.param(
            "01:30:00",
            1,
            span("2026-11-01T05:00", "2026-11-01T08:00"),
            [("11-01 05:00", "11-01 05:30", "restricted"), ("11-01 07:30", "11-01 08:00", "restricted")],
            id="from the first half past one to half past two is two hours where one comes twice",
        ),
        pytest.param(
            "02:30:00",
            1.5,
            span("2026-03-08T06:00", "2026-03-08T09:00"),
            [("03-08 06:00", "03-08 07:30", "restricted"), ("03-08 08:00", "03-08 09:00", "restricted")],
            id="half past two is half past three where it is skipped",
        ),
        pytest.param(
            "02:00:00",
            1,
            span("2026-03-08T06:00", "2026-03-08T09:00"),
            [("03-08 06:00", "03-08 09:00", "restricted")],
            id="and from two to three is nothing then",
        ),
    ],
)
def test_an_hour_that_comes_twice_or_never(
    start: str, hours: float, window: Span, gaps: list[tuple[str, str, str]]
) -> None:
    body = layered(layer("PANN", restrictions=[daily(start, hours)]), zone="America/New_York")
    assert told(computed(read(body, window))) == gaps


def test_the_layer_that_is_listed_first_is_the_one_on_call() -> None:
    """PagerDuty lists its highest layer, which goes before all others, first."""
    second = layer("PBOB", restrictions=[daily("08:00:00", 8)], name="Layer 2")
    found = computed(read(layered(second, layer("PANN")), span("2026-03-02", "2026-03-03")))
    assert on_call(found) == [
        ("03-02 00:00", "03-02 08:00", "PANN"),
        ("03-02 08:00", "03-02 16:00", "PBOB"),
        ("03-02 16:00", "03-03 00:00", "PANN"),
    ]


def test_an_override_goes_before_every_layer() -> None:
    body = layered(layer("PANN"), overrides=(entry("PCLEO", "2026-03-02T06:00:00+02:00", "2026-03-02T12:00:00+02:00"),))
    assert ("03-02 04:00", "03-02 10:00", "PCLEO") in on_call(computed(read(body, WEEK)))


def test_a_turn_of_days_changes_hands_at_the_same_time_of_the_day() -> None:
    start = "2026-03-06T09:00:00-05:00"
    body = layered(layer("PANN", "PBOB", start=start, rotation_turn_length_seconds=DAY), zone="America/New_York")
    found = computed(read(body, span("2026-03-07", "2026-03-10")))
    assert [one[0] for one in on_call(found)] == ["03-07 00:00", "03-07 14:00", "03-08 13:00", "03-09 13:00"]


def test_a_turn_of_hours_changes_hands_after_so_many_hours() -> None:
    start = "2026-03-07T08:00:00-05:00"
    body = layered(layer("PANN", "PBOB", start=start, rotation_turn_length_seconds=12 * HOUR), zone="America/New_York")
    found = computed(read(body, span("2026-03-07T13:00", "2026-03-08T18:00")))
    assert [one[0] for one in on_call(found)] == ["03-07 13:00", "03-08 01:00", "03-08 13:00"]


@pytest.mark.parametrize(
    ("layers", "gaps"),
    [
        pytest.param(
            [layer("PANN", end="2026-03-05T17:30:00Z")], [("03-05 17:30", "03-09 00:00", "ended")], id="ended"
        ),
        pytest.param(
            [layer("PANN", start="2026-03-04T10:01:00Z")], [("03-02 00:00", "03-04 10:01", "not_begun")], id="new"
        ),
        pytest.param([layer()], [("03-02 00:00", "03-09 00:00", "no_users")], id="nobody in it"),
        pytest.param(
            [layer("PANN", end="2026-03-04T00:00:00Z"), layer("PBOB", start="2026-03-04T06:00:00Z")],
            [("03-04 00:00", "03-04 06:00", "between_layers")],
            id="between two",
        ),
        pytest.param(
            [layer("PANN", end="2026-03-02T20:00:00Z", restrictions=[daily("09:00:00", 8)])],
            [
                ("03-02 00:00", "03-02 09:00", "restricted"),
                ("03-02 17:00", "03-02 20:00", "restricted"),
                ("03-02 20:00", "03-09 00:00", "ended"),
            ],
            id="restricted, then ended",
        ),
    ],
)
def test_a_gap_says_why(layers: list[dict[str, object]], gaps: list[tuple[str, str, str]]) -> None:
    assert told(computed(read(layered(*layers), WEEK))) == gaps


def test_gaps_that_touch_are_one_to_people() -> None:
    body = layered(layer("PANN", end="2026-03-02T20:00:00Z", restrictions=[daily("09:00:00", 8)]))
    found = computed(read(body, WEEK))
    assert found.uncovered == (span("2026-03-02", "2026-03-02T09:00"), span("2026-03-02T17:00", "2026-03-09"))


def test_an_empty_member_has_its_turn_and_nobody_has_it() -> None:
    found = computed(read_shifts(shift_based(event("PANN", None)), span("2026-03-02", "2026-03-05")))
    assert told(found) == [("03-03 00:00", "03-04 00:00", "empty_member")]  # day 56 is Ann's again
    assert found.people == {"PANN"}


def test_everybody_of_an_event_may_be_on_call_at_once_and_a_custom_shift_beside_them() -> None:
    custom = {
        "id": "C1",
        "start_time": "2026-03-02T05:00:00Z",
        "end_time": "2026-03-02T06:00:00Z",
        "assignments": [{"id": "A1", "type": "shift_assignment", "member": member("PCLEO")}],
    }
    schedule = read_shifts(
        shift_based(event("PANN", "PBOB", each=None)), span("2026-03-02", "2026-03-03"), (), (custom,)
    )
    assert on_call(computed(schedule)) == [
        ("03-02 00:00", "03-03 00:00", "PANN"),
        ("03-02 00:00", "03-03 00:00", "PBOB"),
        ("03-02 05:00", "03-02 06:00", "PCLEO"),
    ]


def test_an_override_of_a_rotation_may_leave_nobody() -> None:
    override = {
        "id": "O1",
        "rotation_id": "R1",
        "start_time": "2026-03-02T05:00:00Z",
        "end_time": "2026-03-02T06:00:00Z",
        "overridden_member": member("PANN"),
        "overriding_member": member(None),
    }
    window = span("2026-03-02", "2026-03-03")
    assert told(computed(read_shifts(shift_based(event("PANN")), window, (override,)))) == [
        ("03-02 05:00", "03-02 06:00", "empty_member")
    ]
    elsewhere = override | {"rotation_id": "R2"}
    assert told(computed(read_shifts(shift_based(event("PANN")), window, (elsewhere,)))) == []
    another = override | {"overridden_member": member("PBOB")}
    assert told(computed(read_shifts(shift_based(event("PANN")), window, (another,)))) == []


def test_shifts_of_an_event_end_by_the_clock_of_its_end() -> None:
    """From nine in New York to nine in London: how long that is differs while only one of the clocks was changed."""
    days = event(
        "PANN",
        start_time={"date_time": "2026-03-06T09:00:00", "time_zone": "America/New_York"},
        end_time={"date_time": "2026-03-07T09:00:00", "time_zone": "Europe/London"},
    )
    found = computed(read_shifts(shift_based(days), span("2026-03-06T14:00", "2026-03-10T09:00")))
    assert told(found) == [
        ("03-07 09:00", "03-07 14:00", "restricted"),
        ("03-08 09:00", "03-08 13:00", "restricted"),
        ("03-09 09:00", "03-09 13:00", "restricted"),
    ]


def test_a_first_shift_in_the_hour_that_comes_twice_is_as_long_as_it_is() -> None:
    """From 01:30 to 01:30 by the clock, and an hour all the same; so is each shift that follows."""
    days = event(
        "PANN",
        start_time={"date_time": "2026-11-01T01:30:00-04:00", "time_zone": "America/New_York"},
        end_time={"date_time": "2026-11-01T01:30:00-05:00", "time_zone": "America/New_York"},
    )
    found = computed(read_shifts(shift_based(days), span("2026-11-02", "2026-11-03")))
    assert on_call(found) == [("11-02 06:30", "11-02 07:30", "PANN")]


def test_what_was_not_asked_for_is_unknown_and_not_covered() -> None:
    schedule = read(layered(layer("PANN")), WEEK)
    found = coverage(schedule, span("2026-03-02", "2026-03-09T00:01"))
    assert isinstance(found, Unknown)
    assert found.of == "PSCHED1"
    assert "are known from 2026-03-02 00:00 to 2026-03-09 00:00 UTC" in found.sentence
