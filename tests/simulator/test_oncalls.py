"""Who is on call by /oncalls, and that it is the same people an incident goes to."""

from __future__ import annotations

from dataclasses import replace

import httpx

from syncd.clock import StoppedClock
from syncd.simulator import Fault, Simulator
from syncd.simulator.account import Target
from syncd.simulator.asked import Json
from tests.simulator.rotas import DAY_S, called, event, layer, layered, people, shifted, utc

LAYERS, SHIFTS = Target("PLAYERS", "schedule"), Target("PSHIFTS", "schedule")


def listed(rest: httpx.Client, policy: str, **params: str) -> list[Json]:
    answer = rest.get("/oncalls", params={"escalation_policy_ids[]": policy, **params})
    assert answer.status_code == 200
    found: list[Json] = answer.json()["oncalls"]
    return found


def test_now_by_a_schedule_by_shifts_and_by_name(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, chidi = people(sim)
    layered(sim, layer((ana, ben), "2026-02-23T08:00", DAY_S), zone="Etc/UTC")
    shifted(sim, event((ben,)))
    policy = called(sim, (LAYERS,), (SHIFTS, Target(chidi)))
    found = [
        (it["escalation_level"], it["user"]["id"], (it["schedule"] or {}).get("type"), it["start"], it["end"])
        for it in listed(rest, policy)
    ]
    assert found == [
        (1, ana, "schedule_reference", "2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"),
        (2, ben, "schedule_v3_reference", "2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"),
        (2, chidi, None, None, None),
    ]


def test_whoever_never_goes_off_call_has_no_end(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim)[:1]))
    (one,) = listed(rest, called(sim, (LAYERS,)))
    assert (one["start"], one["end"]) == ("2026-02-02T08:00:00Z", None)


def test_a_gap_has_nobody_and_a_window_has_all_who_come(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, _ = people(sim)
    layered(sim, layer((ana, ben), "2026-03-05T00:00", DAY_S), zone="Etc/UTC")
    policy = called(sim, (LAYERS,))
    assert listed(rest, policy) == []
    week = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-09T00:00:00Z"}
    assert [it["user"]["id"] for it in listed(rest, policy, **week)] == [ana, ben, ana, ben]
    assert [it["user"]["id"] for it in listed(rest, policy, **week, earliest="true")] == [ana, ben]
    assert [it["start"][8:10] for it in listed(rest, policy, **week, earliest="true")] == ["05", "06"]


def test_nobody_is_told_of_what_is_more_than_ninety_days_ahead(sim: Simulator, rest: httpx.Client) -> None:
    layered(sim, layer(people(sim), "2026-01-01T00:00", DAY_S), zone="Etc/UTC")
    policy = called(sim, (LAYERS,))
    far = {"since": "2026-05-25T00:00:00Z", "until": "2026-07-30T00:00:00Z", "limit": "100"}
    assert max(it["start"] for it in listed(rest, policy, **far)) == "2026-05-30T00:00:00Z"
    wrong = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
    assert rest.get("/oncalls", params=wrong).status_code == 400


def test_filters(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, _ = people(sim)
    layered(sim, layer((ana,)))
    policy = called(sim, (LAYERS, Target(ben)))
    assert [it["user"]["id"] for it in listed(rest, policy, **{"schedule_ids[]": "PLAYERS"})] == [ana]
    assert [it["user"]["id"] for it in listed(rest, policy, **{"schedule_ids[]": "null"})] == [ben]
    (one,) = listed(rest, policy, **{"user_ids[]": ana, "include[]": "users"})
    assert one["user"]["email"] == "ana.lima@example.com"


def test_its_own_limit_leaves_others_alone(sim: Simulator, rest: httpx.Client) -> None:
    sim.switches.oncalls_per_minute = 2
    answers = [rest.get("/oncalls") for _ in range(3)]
    assert [it.status_code for it in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-limit"] == "2"
    assert rest.get("/abilities").headers["ratelimit-limit"] == "960"


def test_an_incident_goes_to_whoever_is_on_call(sim: Simulator, clock: StoppedClock) -> None:
    ana, ben, chidi = people(sim)
    layered(sim, layer((ana,), "2026-03-02T00:00"), zone="Etc/UTC")
    policy = called(sim, (LAYERS,), (Target(ben),), (Target(chidi),))
    first = sim.people.open("Nobody at the first level yet")
    assert (first.policy_id, first.assigned) == (policy, [ben])
    clock.forward(DAY_S)
    second = sim.people.open("Now there is")
    assert second.assigned == [ana]
    sim.people.escalate(second.id)
    assert (second.level, second.assigned) == (2, [ben])
    assert (second.log[-1].type, second.log[-1].channel["type"]) == ("escalate_log_entry", "timeout")
    sim.people.escalate(second.id, "Ben Osei")
    sim.people.escalate(second.id, "Ben Osei")
    assert (second.level, second.assigned, second.log[-1].channel) == (1, [ana], {"type": "website"})


def test_one_list_may_fail_alone(sim: Simulator, rest: httpx.Client) -> None:
    for path, status in (("/oncalls", 429), ("/schedules", 403), ("/teams/*", 402), ("/v3/schedules/*", 503)):
        sim.faults.lay(Fault(count=0, path=path, status=status))
    layered(sim, layer(people(sim)))
    shifted(sim, event(people(sim)))
    assert [rest.get(path).status_code for path in ("/oncalls", "/schedules", "/v3/schedules/PSHIFTS")] == [
        429,
        403,
        503,
    ]
    assert [rest.get(path).status_code for path in ("/schedules/PLAYERS", "/v3/schedules", "/teams")] == [200] * 3


def test_overrides_by_control_change_who_is_on_call(sim: Simulator, rest: httpx.Client) -> None:
    ana, ben, _ = people(sim)
    layered(sim, layer((ana,)))
    policy = called(sim, (LAYERS,))
    assert listed(rest, policy)[0]["user"]["id"] == ana
    sim.people.override("PLAYERS", "Ben Osei", utc("2026-03-01T11:00"), utc("2026-03-01T13:00"))
    assert listed(rest, policy)[0]["user"]["id"] == ben


def test_the_log_tells_by_which_way_it_was_done(sim: Simulator, rest: httpx.Client) -> None:
    service = next(iter(sim.account.services.values()))
    sim.account.services[service.id] = replace(service, ack_timeout_s=1800)
    incident = sim.people.open("Slow", "Ana Lima").id
    rest.put(f"/incidents/{incident}", json={"incident": {"type": "incident_reference", "status": "acknowledged"}})
    sim.people.acknowledge(incident, "Ben Osei")
    rest.post(f"/incidents/{incident}/snooze", json={"duration": 60})
    sim.people.notify(incident, "Chidi Park")
    sim.people.delegate(incident, list(sim.account.policies)[1], "Ana Lima")
    sim.people.resolve(incident)
    entries = rest.get(f"/incidents/{incident}/log_entries").json()["log_entries"][::-1]
    assert [
        (it["type"].removesuffix("_log_entry"), it["channel"]["type"], it["agent"]["summary"]) for it in entries
    ] == [
        ("trigger", "web_trigger", "Ana Lima"),
        ("acknowledge", "api", "syncd bot"),
        ("acknowledge", "website", "Ben Osei"),
        ("snooze", "api", "syncd bot"),
        ("notify", "auto", "Checkout"),
        ("delegate", "website", "Ana Lima"),
        ("resolve", "timeout", "Checkout"),
    ]
    overview = rest.get(f"/incidents/{incident}/log_entries?is_overview=true").json()["log_entries"][::-1]
    assert overview == [it for it in entries if it["type"] != "notify_log_entry"]
    assert entries[1]["acknowledgement_timeout"] == 1800
    assert entries[3]["changed_actions"] == [{"type": "unacknowledge", "at": "2026-03-01T12:01:00Z"}]
    assert entries[4]["user"]["summary"] == "Chidi Park"
    assert [it["summary"] for it in entries[5]["assignees"]] == ["Ben Osei"]
