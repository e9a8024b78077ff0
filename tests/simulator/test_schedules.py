"""Layer-based schedules over REST: turns, restrictions, overrides and what is rendered of them, in the schedule's zone."""

from __future__ import annotations

from datetime import datetime, time

import httpx
import pytest

from syncd.simulator import Simulator
from syncd.simulator.asked import Json
from syncd.simulator.schedules import Override, Restriction
from tests.simulator.rotas import DAY_S, layer, layered, people, shifted, utc

WEEK = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-09T00:00:00Z"}


def shown(rest: httpx.Client, **params: str) -> Json:
    answer = rest.get("/schedules/PLAYERS", params={**WEEK, **params})
    assert answer.status_code == 200
    found: Json = answer.json()["schedule"]
    return found


def entries(of: Json) -> list[tuple[str, str, str]]:
    return [(e["start"], e["end"], e["user"]["summary"].split()[0]) for e in of["rendered_schedule_entries"]]


def test_turns_change_hands_at_the_same_time_on_the_wall(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim), "2026-02-02T14:00", DAY_S), zone="America/New_York")
    found = shown(rest, since="2026-03-07T00:00:00Z", until="2026-03-10T00:00:00Z")["final_schedule"]
    assert [start for start, _, _ in entries(found)][1:] == [
        "2026-03-07T09:00:00-05:00",
        "2026-03-08T09:00:00-04:00",  # the clock has leapt in the night before
        "2026-03-09T09:00:00-04:00",
    ]
    assert [who for _, _, who in entries(found)] == ["Chidi", "Ana", "Ben", "Chidi"]
    assert found["rendered_coverage_percentage"] == 100.0


def test_turns_that_are_no_whole_days_are_counted_in_elapsed_time(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim), "2026-03-07T17:00", 12 * 3600), zone="America/New_York")
    found = shown(rest, since="2026-03-07T17:00:00Z", until="2026-03-08T17:00:00Z")["final_schedule"]
    assert [start for start, _, _ in entries(found)] == ["2026-03-07T12:00:00-05:00", "2026-03-08T00:00:00-05:00"]


def test_a_time_that_nobody_has_is_left_out(sim: Simulator, rest: httpx.Client) -> None:
    """A daily restriction over midnight, and a weekly one over the week's end."""
    ana, ben, _ = people(sim)
    layered(
        sim,
        layer((ana,), restrictions=(Restriction(time(22), 4 * 3600),)),
        layer((ben,), restrictions=(Restriction(time(12), 2 * DAY_S, 7),)),
    )
    found = shown(rest, until="2026-03-04T00:00:00Z")["final_schedule"]
    assert entries(found) == [
        ("2026-03-02T01:00:00+01:00", "2026-03-02T02:00:00+01:00", "Ana"),
        ("2026-03-02T02:00:00+01:00", "2026-03-02T22:00:00+01:00", "Ben"),
        ("2026-03-02T22:00:00+01:00", "2026-03-03T02:00:00+01:00", "Ana"),
        ("2026-03-03T02:00:00+01:00", "2026-03-03T12:00:00+01:00", "Ben"),
        ("2026-03-03T22:00:00+01:00", "2026-03-04T01:00:00+01:00", "Ana"),
    ]
    assert found["rendered_coverage_percentage"] == round(100 * 38 / 48, 1)


def test_an_override_goes_before_layers_and_the_upper_layer_before_the_lower(
    sim: Simulator, rest: httpx.Client
) -> None:
    ana, ben, chidi = people(sim)
    made = layered(sim, layer((ana,), "2026-03-03T00:00", end=utc("2026-03-04T00:00")), layer((ben,)), zone="Etc/UTC")
    made.overrides.append(Override("O1", chidi, utc("2026-03-03T12:00"), utc("2026-03-05T00:00")))
    found = shown(rest)
    assert entries(found["final_schedule"]) == [
        ("2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00", "Ben"),
        ("2026-03-03T00:00:00+00:00", "2026-03-03T12:00:00+00:00", "Ana"),
        ("2026-03-03T12:00:00+00:00", "2026-03-05T00:00:00+00:00", "Chidi"),
        ("2026-03-05T00:00:00+00:00", "2026-03-09T00:00:00+00:00", "Ben"),
    ]
    assert [who for _, _, who in entries(found["overrides_subschedule"])] == ["Chidi"]
    upper, lower = found["schedule_layers"]
    assert [upper["rendered_coverage_percentage"], lower["rendered_coverage_percentage"]] == [14.3, 100.0]


def test_shifts_are_cut_at_the_window_unless_they_may_overflow(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim)), zone="Etc/UTC")
    cut = entries(shown(rest, until="2026-03-03T00:00:00Z")["final_schedule"])
    whole = entries(shown(rest, until="2026-03-03T00:00:00Z", overflow="true")["final_schedule"])
    assert cut[0][0] == "2026-03-02T00:00:00+00:00"
    assert whole == [
        ("2026-02-23T08:00:00+00:00", "2026-03-02T08:00:00+00:00", "Ana"),
        ("2026-03-02T08:00:00+00:00", "2026-03-09T08:00:00+00:00", "Ben"),
    ]


def test_without_times_nothing_is_rendered(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim)))
    found = rest.get("/schedules/PLAYERS").json()["schedule"]["final_schedule"]
    assert (found["rendered_schedule_entries"], found["rendered_coverage_percentage"]) == ([], None)


def test_the_list_shows_layers_only_when_asked_and_no_shifts_ever(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim)))
    shifted(sim)
    (bare,) = rest.get("/schedules").json()["schedules"]
    assert not {"schedule_layers", "final_schedule"} & set(bare)
    assert [it["summary"] for it in bare["users"]] == ["Ana Lima", "Ben Osei", "Chidi Park"]
    params = {**WEEK, "include[]": ["schedule_layers", "final_schedule"]}
    (full,) = rest.get("/schedules", params=params).json()["schedules"]
    assert full["schedule_layers"][0]["rotation_turn_length_seconds"] == 7 * DAY_S
    assert full["final_schedule"]["rendered_coverage_percentage"] == 100.0
    assert rest.get("/schedules/PSHIFTS").status_code == 404


def test_overrides_and_users_of_a_window(sim: Simulator, rest: httpx.Client) -> None:
    ana, _, chidi = people(sim)
    made = layered(sim, layer((ana,)), zone="Etc/UTC")
    made.overrides.append(Override("O1", chidi, utc("2026-03-08T12:00"), utc("2026-03-10T00:00")))
    (one,) = rest.get("/schedules/PLAYERS/overrides", params=WEEK).json()["overrides"]
    assert (one["start"], one["end"]) == ("2026-03-08T12:00:00+00:00", "2026-03-09T00:00:00+00:00")
    (one,) = rest.get("/schedules/PLAYERS/overrides", params={**WEEK, "overflow": "true"}).json()["overrides"]
    assert one["end"] == "2026-03-10T00:00:00+00:00"
    assert rest.get("/schedules/PLAYERS/overrides").status_code == 400
    found = rest.get("/schedules/PLAYERS/users", params=WEEK).json()
    assert [it["id"] for it in found["users"]] == [ana, chidi]
    assert "more" not in found
    narrow = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-02T00:01:00Z"}
    assert [it["id"] for it in rest.get("/schedules/PLAYERS/users", params=narrow).json()["users"]] == [ana]


@pytest.mark.parametrize("wrong", [{"until": "2026-03-01T00:00:00Z"}, {"time_zone": "Mars/Base"}, {"since": "soon"}])
def test_what_cannot_be_rendered_is_refused(sim: Simulator, rest: httpx.Client, wrong: dict[str, str]) -> None:
    layered(sim, layer(people(sim)))
    assert rest.get("/schedules/PLAYERS", params={**WEEK, **wrong}).status_code == 400


def test_times_are_told_in_the_zone_that_is_asked_for(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim)))
    start = shown(rest, time_zone="Asia/Kolkata")["final_schedule"]["rendered_schedule_entries"][0]["start"]
    assert start == "2026-03-02T05:30:00+05:30"
    assert datetime.fromisoformat(start) == utc("2026-03-02T00:00")


def test_of_two_overrides_the_later_made_counts(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, chidi = people(sim)
    made = layered(sim, layer((ana,)), zone="Etc/UTC")
    made.overrides += [
        Override(f"O-{who}", who, utc("2026-03-03T00:00"), utc("2026-03-04T00:00")) for who in (ben, chidi)
    ]
    assert [who for _, _, who in entries(shown(rest)["final_schedule"])] == ["Ana", "Chidi", "Ana"]


@pytest.mark.parametrize(
    ("day", "hour"),
    [("2026-03-29", "2026-03-29T01:30:00+00:00"), ("2026-10-25", "2026-10-25T00:30:00+00:00")],
    ids=["the clock leaps over it", "the clock shows it twice"],
)
def test_a_hand_over_when_clocks_change(sim: Simulator, rest: httpx.Client, day: str, hour: str) -> None:
    """At 02:30 in Berlin: after the leap as far behind it, and of two the first."""
    layered(sim, layer(people(sim), "2026-02-02T01:30", DAY_S))
    window = {"since": f"{day}T00:00:00Z", "until": f"{day}T12:00:00Z", "time_zone": "Etc/UTC"}
    first, second = entries(shown(rest, **window)["final_schedule"])
    assert first[1] == second[0] == hour
