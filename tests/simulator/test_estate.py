"""The made account: what its manifest says is what REST shows, to the minute and the second, and nothing else is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.errors import Misconfigured
from syncd.simulator import KEYS, Manifest, Simulator, Sizes
from syncd.simulator.asked import Json
from tests.simulator.conftest import client
from tests.simulator.estate import NOW, SMALL, made

CHECKS = {
    *(f"SVC-0{n}" for n in range(1, 7)),
    *(f"EP-0{n}" for n in range(1, 5)),
    *(f"SCH-0{n}" for n in range(1, 6)),
    *(f"USR-0{n}" for n in range(1, 6)),
    *(f"INC-0{n}" for n in range(1, 5)),
}
Interval = tuple[datetime, datetime]


@pytest.fixture(scope="module")
def estate() -> Iterator[Simulator]:
    with made() as sim:
        sim.switches.requests_per_minute = 100_000
        yield sim


@pytest.fixture(scope="module")
def rest(estate: Simulator) -> Iterator[httpx.Client]:
    with client(estate, estate.keys.read_only, email=None) as opened:
        yield opened


def manifest_of(sim: Simulator) -> Manifest:
    assert sim.manifest is not None
    return sim.manifest


def everything(rest: httpx.Client, path: str, name: str, **params: str | list[str]) -> list[Json]:
    found: list[Json] = []
    while True:
        said = rest.get(path, params={"limit": 100, **params, "offset": len(found)}).json()
        found += said[name]
        if not said["more"]:
            return found


def test_every_check_has_a_fault(estate: Simulator) -> None:
    faults = manifest_of(estate).faults
    assert set(faults) == CHECKS
    for check, ids in faults.items():
        assert len(ids) == len(set(ids)) > 0, check


def test_the_same_seed_makes_the_same_account() -> None:
    one, again, other = (manifest_of(made(seed=seed)).shown() for seed in (7, 7, 8))
    assert json.dumps(one) == json.dumps(again)
    assert one["counts"]["incidents"] == other["counts"]["incidents"]
    assert set(one["times"]) != set(other["times"])


def test_an_account_that_is_too_small_for_its_faults_is_refused() -> None:
    for wrong in ({"schedules": 29}, {"users": 179}, {"incidents": 599}, {"services": 99}, {"teams": 2}):
        with pytest.raises(Misconfigured, match="at least"):
            Sizes(**{"schedules": 30, "users": 180, **wrong})


@pytest.mark.parametrize(
    ("path", "name", "counted"),
    [
        ("/services", "services", "services"),
        ("/users", "users", "users"),
        ("/teams", "teams", "teams"),
        ("/schedules", "schedules", "schedules"),
        ("/v3/schedules", "schedules", "shift_schedules"),
        ("/escalation_policies", "escalation_policies", "escalation_policies"),
        ("/incidents?date_range=all", "incidents", "incidents"),
    ],
)
def test_lists_have_as_many_as_it_counts(
    estate: Simulator, rest: httpx.Client, path: str, name: str, counted: str
) -> None:
    path, _, query = path.partition("?")
    found = everything(rest, path, name, **dict(part.split("=") for part in query.split("&") if part))
    ids = {it["id"] for it in found}
    assert len(ids) == len(found) == manifest_of(estate).counts[counted]


def uncovered(spans: list[Interval], since: datetime, until: datetime) -> list[Interval]:
    gaps, reached = [], since
    for start, end in sorted(spans):
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    return [*gaps, (reached, until)] if reached < until else gaps


def rendered_gaps(rest: httpx.Client, schedule: str, since: datetime, until: datetime) -> list[Interval]:
    """As REST shows them, for a schedule of either kind."""
    window = {"since": since.isoformat(), "until": until.isoformat()}
    answer = rest.get(f"/v3/schedules/{schedule}", params={**window, "include[]": "final_schedule"})
    if answer.status_code == 400:
        final = rest.get(f"/schedules/{schedule}", params=window).json()["schedule"]["final_schedule"]
        shown = [(it["start"], it["end"]) for it in final["rendered_schedule_entries"]]
    else:
        final = answer.json()["schedule"]["final_schedule"]
        assignments = final["computed_shift_assignments"]
        shown = [(it["start_time"], it["end_time"]) for it in assignments if it["member"]["type"] == "user_member"]
    spans = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in shown]
    gaps = uncovered(spans, since, until)
    length = sum((end - start for start, end in gaps), timedelta())
    assert final["rendered_coverage_percentage"] == pytest.approx(100 - 100 * (length / (until - since)), abs=0.06)
    return gaps


def check_gaps(sim: Simulator) -> None:
    """Planted gaps are worked out from how they were planted; here they meet what is rendered of the layers."""
    manifest = manifest_of(sim)
    schedules = [*sim.account.schedules, *sim.account.shift_schedules]
    with client(sim, sim.keys.read_only, email=None) as rest:
        for schedule in schedules:
            found = rendered_gaps(rest, schedule, manifest.made_at, manifest.seen_until)
            assert found == manifest.gaps.get(schedule, []), sim.account.schedule(schedule)
    assert set(manifest.gaps) == set(manifest.faults["SCH-01"])


def test_gaps_are_those_that_were_planted_to_the_minute(estate: Simulator) -> None:
    check_gaps(estate)


@settings(max_examples=8, deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_gaps_are_exact_whenever_the_account_is_made(now: datetime) -> None:
    with made(now=now) as sim:
        check_gaps(sim)


def test_somebody_is_on_call_twice_exactly_as_planted(estate: Simulator, rest: httpx.Client) -> None:
    manifest = manifest_of(estate)
    window = {"since": manifest.made_at.isoformat(), "until": (manifest.made_at + timedelta(days=30)).isoformat()}
    turns: dict[str, set[tuple[str, str, str]]] = {}
    for it in everything(rest, "/oncalls", "oncalls", **window):
        if it["schedule"] is not None:
            turns.setdefault(it["user"]["id"], set()).add((it["start"], it["end"] or "9999", it["schedule"]["id"]))
    twice = {
        who
        for who, spans in turns.items()
        if any(a[2] != b[2] and a[0] < b[1] and b[0] < a[1] for a in spans for b in spans)
    }
    assert twice == set(manifest.twice) == set(manifest.faults["SCH-05"])


def told_by(entries: list[Json]) -> tuple[int | None, int | None, int]:
    """By hand, of a log in its order: when a person acknowledged it first, when it was resolved last, how often it was reopened."""
    at = [datetime.fromisoformat(it["created_at"]) for it in entries]
    kinds = [it["type"].removesuffix("_log_entry") for it in entries]
    resolves = [number for number, kind in enumerate(kinds) if kind == "resolve"]
    people = [
        number
        for number, it in enumerate(entries)
        if kinds[number] == "acknowledge"
        and it["agent"]["type"] == "user_reference"
        and it["channel"]["type"] in ("website", "mobile")
    ]
    is_over = bool(resolves) and "trigger" not in kinds[resolves[-1] :]
    first = int((at[people[0]] - at[0]).total_seconds()) if people else None
    return first, int((at[resolves[-1]] - at[0]).total_seconds()) if is_over else None, kinds.count("trigger") - 1


def test_times_are_those_of_the_logs(estate: Simulator, rest: httpx.Client) -> None:
    times = manifest_of(estate).times
    assert set(times) == set(estate.account.incidents)
    for incident in estate.account.incidents:
        entries = everything(rest, f"/incidents/{incident}/log_entries", "log_entries")
        told = times[incident]
        assert told_by(entries[::-1]) == (told.acknowledged_s, told.resolved_s, told.reopened)


def test_incidents_fail_exactly_as_planted(estate: Simulator, rest: httpx.Client) -> None:
    """Counted anew from the times: more than one in ten of the most severe waited too long, and of the others not."""
    manifest = manifest_of(estate)
    shown = {it["id"]: it for it in everything(rest, "/incidents", "incidents", date_range="all")}
    assert all(datetime.fromisoformat(it["created_at"]) <= NOW for it in shown.values())
    most = {one for one, it in shown.items() if it["priority"] and it["priority"]["name"] == "P1"}
    judged = {one: told for one, told in manifest.times.items() if not told.is_merged}
    waited = {one for one, told in judged.items() if (told.waited_s or 10**9) > (300 if one in most else 900)}
    assert waited & most == set(manifest.faults["INC-01"])
    assert waited - most == set(manifest.traps["INC-01"])
    assert len(waited & most) * 10 > len(most & set(judged))
    assert len(waited - most) * 10 < len(set(judged) - most)
    lasted = {
        one: told.resolved_s or (NOW - datetime.fromisoformat(shown[one]["created_at"])).total_seconds()
        for one, told in judged.items()
    }
    slow = {one for one, seconds in lasted.items() if seconds > (4 if one in most else 24) * 3_600}
    assert slow == set(manifest.faults["INC-02"])


def test_resolution_notes_are_missing_where_planted(estate: Simulator, rest: httpx.Client) -> None:
    manifest = manifest_of(estate)
    grave = [
        it
        for it in everything(rest, "/incidents", "incidents", date_range="all")
        if it["priority"]
        and it["priority"]["name"] in ("P1", "P2")
        and it["status"] == "resolved"
        and not it["resolve_reason"]
    ]
    bare = set()
    for it in grave:
        entries = everything(rest, f"/incidents/{it['id']}/log_entries", "log_entries")
        notes = [entry["channel"].get("content", "") for entry in entries if entry["type"] == "annotate_log_entry"]
        if not any(note.startswith("Resolution Note: ") for note in notes) and not any(e.get("note") for e in entries):
            bare.add(it["id"])
    assert bare == set(manifest.faults["INC-04"])


def test_services_and_policies_fail_exactly_as_planted(estate: Simulator, rest: httpx.Client) -> None:
    manifest = manifest_of(estate)
    services = everything(rest, "/services", "services")
    policies = {it["id"]: it for it in everything(rest, "/escalation_policies", "escalation_policies")}
    on_call = {
        it["escalation_policy"]["id"] for it in everything(rest, "/oncalls", "oncalls") if it["escalation_level"] == 1
    }
    active = [it for it in services if it["status"] not in ("disabled", "maintenance")]
    found = {
        "SVC-01": {it["id"] for it in active if (it["escalation_policy"] or {}).get("id") not in policies},
        "SVC-02": {
            it["id"] for it in active if it["escalation_policy"] and it["escalation_policy"]["id"] not in on_call
        },
        "SVC-03": {it["id"] for it in services if not it["teams"]},
        "SVC-04": {it["id"] for it in services if it not in active} - set(manifest.traps["SVC-04"]),
        "SVC-05": {it["id"] for it in active if None in (it["acknowledgement_timeout"], it["auto_resolve_timeout"])},
        "SVC-06": {it["id"] for it in active if it["incident_urgency_rule"] == {"type": "constant", "urgency": "high"}},
        "EP-01": {one for one, it in policies.items() if not it["escalation_rules"]},
        "EP-04": {one for one, it in policies.items() if not it["services"]},
    }
    assert found == {check: set(manifest.faults[check]) for check in found}
    assert {it["id"] for it in services if not it["integrations"]} == set(manifest.traps["integrations"])


def test_levels_fail_exactly_as_planted(estate: Simulator, rest: httpx.Client) -> None:
    manifest, people = manifest_of(estate), crews(estate, rest)
    policies = everything(rest, "/escalation_policies", "escalation_policies")
    alone, runs_out = set(), set()
    for policy in policies:
        levels = [
            {who for t in rule["targets"] for who in people.get(t["id"], {t["id"]})}
            for rule in policy["escalation_rules"]
        ]
        if not any(later - levels[0] for later in levels[1:]):
            alone.add(policy["id"])
        last = policy["escalation_rules"][-1]["targets"] if levels else []
        ends_at_schedule = any("schedule" in target["type"] for target in last)
        if not policy["num_loops"] and not ends_at_schedule:
            runs_out.add(policy["id"])
    assert alone == set(manifest.faults["EP-02"])
    assert runs_out == set(manifest.faults["EP-03"])


def crews(estate: Simulator, rest: httpx.Client) -> dict[str, set[str]]:
    """Of every schedule of either kind, who takes turns in it."""
    found = {it["id"]: {u["id"] for u in it["users"]} for it in everything(rest, "/schedules", "schedules")}
    for schedule in estate.account.shift_schedules:
        rotations = rest.get(f"/v3/schedules/{schedule}").json()["schedule"]["rotations"]
        members = [m for r in rotations for e in r["events"] for m in e["assignment_strategy"]["members"]]
        found[schedule] = {m["user_id"] for m in members if m["type"] == "user_member"}
    return found


def test_schedules_fail_exactly_as_planted(estate: Simulator, rest: httpx.Client) -> None:
    manifest, people = manifest_of(estate), crews(estate, rest)
    layered = everything(rest, "/schedules", "schedules", **{"include[]": "schedule_layers"})
    shifted = [rest.get(f"/v3/schedules/{one}").json()["schedule"] for one in estate.account.shift_schedules]
    bare = {it["id"] for it in layered if not it["schedule_layers"]} | {
        it["id"] for it in shifted if not it["rotations"]
    }
    loose = {it["id"] for it in [*layered, *shifted] if not it["teams"] or not it["escalation_policies"]}
    found = {"SCH-02": {one for one, crew in people.items() if len(crew) < 2}, "SCH-03": bare, "SCH-04": loose}
    assert found == {check: set(manifest.faults[check]) for check in found}


def test_what_is_left_open_is_what_was_planted(estate: Simulator, rest: httpx.Client) -> None:
    found = set()
    for it in everything(rest, "/incidents", "incidents", date_range="all"):
        age = NOW - datetime.fromisoformat(it["created_at"])
        waits = it["status"] == "triggered" and age > timedelta(hours=24)
        if it["status"] != "resolved" and (age > timedelta(days=7) or waits):
            found.add(it["id"])
    assert found == set(manifest_of(estate).faults["INC-03"])


def test_people_fail_exactly_as_planted(estate: Simulator, rest: httpx.Client) -> None:
    manifest = manifest_of(estate)
    users = everything(rest, "/users", "users", **{"include[]": ["contact_methods", "notification_rules"]})
    admins = [it for it in users if it["role"] == "admin"]
    assert len(admins) > max(5, len(users) // 20)
    assert [it["role"] for it in users].count("owner") == 1
    assert {it["id"] for it in users if it["email"] not in manifest.roster} == set(manifest.faults["USR-05"])
    invited = {it["id"] for it in users if it["invitation_sent"]}
    assert invited == {*manifest.faults["USR-04"], *manifest.traps["USR-04"]}
    window = {"since": manifest.made_at.isoformat(), "until": (manifest.made_at + timedelta(days=30)).isoformat()}
    called = {it["user"]["id"] for it in everything(rest, "/oncalls", "oncalls", **window)}
    unreachable = {it["id"] for it in users if it["id"] in called and not reachable(it)}
    assert unreachable == set(manifest.faults["USR-01"])
    in_schedules = {u["id"] for it in everything(rest, "/schedules", "schedules") for u in it["users"]}
    orphans = {it["id"] for it in users if not it["teams"]} - in_schedules - called
    assert orphans == set(manifest.faults["USR-03"])


def reachable(user: Json) -> bool:
    kinds = [it["type"].removesuffix("_contact_method") for it in user["contact_methods"]]
    is_rung = bool({"phone", "push_notification"} & set(kinds))
    return len(kinds) >= 2 and is_rung and "high" in {it["urgency"] for it in user["notification_rules"]}


def test_keys_that_see_less(estate: Simulator) -> None:
    def services(key: str) -> int:
        with client(estate, key, email=None) as rest:
            found: int = rest.get("/services?total=true").json()["total"]
            return found

    assert services(KEYS.full) == services(KEYS.admin) == services(KEYS.read_only) == SMALL.services
    assert 0 < services(KEYS.team) < SMALL.services
    assert 0 < services(KEYS.bound) < SMALL.services
