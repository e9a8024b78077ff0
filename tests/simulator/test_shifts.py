"""Shift-based schedules over REST: events that come again, places left empty, several people at once, overrides."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from syncd.simulator import Simulator
from syncd.simulator.asked import Json
from syncd.simulator.recurrence import WrongRule, rule_of
from syncd.simulator.schedules import CustomShift, ShiftOverride, ShiftSchedule
from tests.simulator.rotas import event, layer, layered, people, shifted, utc

WINDOW = {"since": "2026-03-02T08:00:00Z", "until": "2026-03-05T08:00:00Z", "include[]": "final_schedule"}


def final(rest: httpx.Client, **params: str) -> Json:
    answer = rest.get("/v3/schedules/PSHIFTS", params={**WINDOW, **params})
    assert answer.status_code == 200
    found: Json = answer.json()["schedule"]["final_schedule"]
    return found


def assigned(of: Json) -> list[tuple[str, str | None]]:
    return [(it["start_time"][5:16], it["member"].get("user_id")) for it in of["computed_shift_assignments"]]


def test_members_take_turns_and_an_empty_place_is_told(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, _ = people(sim)
    shifted(sim, event((ana, None, ben)))
    found = final(rest)
    assert assigned(found) == [("03-02T08:00", None), ("03-03T08:00", ben), ("03-04T08:00", ana)]
    assert found["computed_shift_assignments"][0]["member"] == {"type": "empty_member"}
    assert found["rendered_coverage_percentage"] == 66.7


def test_everybody_at_once_counts_once(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, _ = people(sim)
    shifted(sim, event((ana, ben), hours=12, everybody=True))
    found = final(rest)
    assert [who for _, who in assigned(found)] == sorted((ana, ben)) * 3
    assert found["rendered_coverage_percentage"] == 50.0


def test_an_override_has_its_own_source(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, _ = people(sim)
    made = shifted(sim, event((ana,)))
    begins, ends = utc("2026-03-03T10:00"), utc("2026-03-03T12:00")
    made.overrides.append(ShiftOverride("O1", "R1", begins, ends, ana, None))
    made.custom_shifts = (CustomShift("C1", begins, ends, ben),)
    found = [it for it in final(rest)["computed_shift_assignments"] if it["start_time"][5:16] == "03-03T10:00"]
    assert {it["source"]["type"]: it["member"].get("user_id") for it in found} == {
        "schedule_rotation_override": None,
        "custom_shift": ben,
    }
    window = {"since": WINDOW["since"], "until": WINDOW["until"]}
    (override,) = rest.get("/v3/schedules/PSHIFTS/overrides", params=window).json()["overrides"]
    assert (override["rotation_id"], override["overriding_member"]) == ("R1", {"type": "empty_member"})
    (custom,) = rest.get("/v3/schedules/PSHIFTS/custom_shifts", params=window).json()["custom_shifts"]
    assert custom["assignments"][0]["member"] == {"type": "user_member", "user_id": ben}
    assert rest.get("/v3/schedules/PSHIFTS/overrides").status_code == 400


def test_an_override_is_of_one_member_and_leaves_others_alone(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, chidi = people(sim)
    made = shifted(sim, event((ana, ben), everybody=True))
    made.overrides.append(ShiftOverride("O1", "R1", utc("2026-03-03T10:00"), utc("2026-03-03T12:00"), ana, chidi))
    found = [who for start, who in assigned(final(rest)) if start <= "03-03T10:00"]
    assert sorted(who for who in found if who) == sorted((ana, ben, ana, ben, chidi))


def test_an_event_puts_nobody_on_call_outside_its_time(sim: Simulator, rest: httpx.Client) -> None:
    ana, *_ = people(sim)
    shifted(sim, event((ana,), since=utc("2026-03-02T20:00"), until=utc("2026-03-04T02:00")))
    spans = [(it["start_time"], it["end_time"]) for it in final(rest, overflow="true")["computed_shift_assignments"]]
    assert (spans[0][0], spans[-1][1]) == ("2026-03-02T20:00:00+00:00", "2026-03-04T02:00:00+00:00")


def test_shifts_keep_their_time_on_the_wall(sim: Simulator, rest: httpx.Client) -> None:
    ana, *_ = people(sim)
    made = shifted(sim, event((ana,), "2026-03-27T08:00", hours=8, zone="Europe/Berlin"))
    made.zone = "Europe/Berlin"
    found = final(rest, since="2026-03-28T00:00:00Z", until="2026-03-30T00:00:00Z")
    assert [it["start_time"] for it in found["computed_shift_assignments"]] == [
        "2026-03-28T09:00:00+01:00",
        "2026-03-29T09:00:00+02:00",
    ]


def test_the_list_has_bare_references_many_to_a_page_and_no_total(sim: Simulator, rest: httpx.Client) -> None:
    for number in range(120):
        made = ShiftSchedule(f"P{number}", f"Shifts {number}", "Etc/UTC")
        sim.account.shift_schedules[made.id] = made
    page = rest.get("/v3/schedules?total=true").json()
    assert (page["limit"], page["more"], len(page["schedules"]), "total" in page) == (100, True, 100, False)
    assert set(page["schedules"][0]) == {"id", "type", "summary", "self", "html_url"}
    assert page["schedules"][0]["type"] == "schedule_v3_reference"
    assert rest.get("/v3/schedules?limit=2000").json()["limit"] == 1000
    sim.switches.limit_above_100 = "refuse"
    assert rest.get("/v3/schedules?limit=2000").status_code == 400
    assert rest.get("/v3/schedules?limit=1000").status_code == 200


def test_a_layer_based_schedule_is_refused(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim)))
    assert rest.get("/v3/schedules/PLAYERS").status_code == 400
    assert rest.get("/v3/schedules/PNOTHING").status_code == 404


def test_rotations_and_events_have_pages_of_their_own(sim: Simulator, rest: httpx.Client) -> None:
    ana, *_ = people(sim)
    shifted(sim, event((ana,)))
    whole = rest.get("/v3/schedules/PSHIFTS").json()["schedule"]
    assert "final_schedule" not in whole
    assert rest.get("/v3/schedules/PSHIFTS/rotations").json()["rotations"] == whole["rotations"]
    assert rest.get("/v3/schedules/PSHIFTS/rotations/R1").json()["rotation"] == whole["rotations"][0]
    events = rest.get("/v3/schedules/PSHIFTS/rotations/R1/events").json()["events"]
    assert events == whole["rotations"][0]["events"]
    assert events[0]["assignment_strategy"]["type"] == "rotating_member_assignment_strategy"
    assert rest.get("/v3/schedules/PSHIFTS/rotations/R2").status_code == 404


FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - a time on the wall; a Monday


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["RRULE:FREQ=DAILY;INTERVAL=3;COUNT=3"], [0, 3, 6]),
        (["RRULE:FREQ=DAILY;BYDAY=MO,WE"], [0, 2, 7, 9, 14]),
        (["RRULE:FREQ=WEEKLY;BYDAY=WE,MO;UNTIL=20260113T000000Z"], [0, 2, 7]),
        (["RRULE:FREQ=WEEKLY;INTERVAL=2", "EXDATE:20260119T090000", "RDATE:20260107T090000"], [0, 2]),
        (["RRULE:FREQ=MONTHLY;COUNT=2"], [0, 31]),
        (["RRULE:FREQ=HOURLY;INTERVAL=24;COUNT=2"], [0, 1]),
    ],
    ids=lambda value: value[0] if isinstance(value[0], str) else "",
)
def test_rules(lines: list[str], days: list[int]) -> None:
    last = FIRST + timedelta(days=40 if "MONTHLY" in lines[0] else 14)
    found = rule_of(tuple(lines), "Etc/UTC").starts(FIRST, last)
    assert [(at - FIRST).days for at in found] == days


def test_a_month_without_that_day_has_no_shift() -> None:
    first = FIRST.replace(day=31)
    found = rule_of(("RRULE:FREQ=MONTHLY",), "Etc/UTC").starts(first, first + timedelta(days=120))
    assert [at.month for at in found] == [1, 3, 5]


@pytest.mark.parametrize("lines", [(), ("RRULE:FREQ=YEARLY",), ("RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY")])
def test_a_rule_that_cannot_be_followed(lines: tuple[str, ...]) -> None:
    with pytest.raises(WrongRule):
        rule_of(lines, "Etc/UTC")
