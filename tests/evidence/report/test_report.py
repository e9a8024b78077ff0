"""The report as a value and as JSON: every check, every exception with its owner and its first day, and the numbers behind them."""

from __future__ import annotations

import json
from datetime import timedelta

from syncd.evidence.comparison import Difference, Voice
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Name
from syncd.evidence.facts.oncalls import OnCall
from syncd.evidence.facts.policies import Level, Policy, Target
from syncd.evidence.facts.schedules import Covered
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.judging import Result
from syncd.evidence.report.plain import Plain, canonical
from syncd.evidence.report.report import History
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from tests.evidence.account import AHEAD, GOOD, NOW, covered, dataset, facts, incident

from .made import ACCEPTED, HOSTILE, NIGHT, as_json, report, told, wrong


def of(found: Plain, check: str) -> Plain:
    one: Plain = next(each for each in found["controls"] if each["check"] == check)
    return one


def exceptions(found: Plain, check: str) -> dict[str, Plain]:
    return {one["subject"]: one for one in found["exceptions"] if one["check"] == check}


def test_every_check_is_in_it_with_its_controls_and_what_was_judged() -> None:
    found = as_json()
    assert [one["check"] for one in found["controls"]] == [one.id for one in CATALOGUE]
    assert set(found["counts"]) == {"pass", "fail", "accepted", "unknown", "not_applicable"}
    assert sum(found["counts"].values()) == len(CATALOGUE)
    policy = of(found, "SVC-01")
    assert (policy["result"], policy["judged"], policy["in_order"]) == ("pass", 2, 2)
    assert policy["controls"] == {
        "soc2": ["CC7.3", "CC7.4"],
        "iso27001": ["A.5.24", "A.5.26"],
        "nist": ["IR-4", "IR-8"],
    }
    assert (len(policy["days"]), policy["days"][-1]) == (30, {"date": "2026-11-17", "result": "pass"})
    assert policy["collected_at"] == "2026-11-17T11:40:00Z"


def test_what_is_wrong_is_named_with_its_owner_since_when_and_what_was_accepted() -> None:
    since = NOW - timedelta(days=4)
    found = as_json(wrong(), history=History((told("SVC-01", Result.FAIL, days_ago=4),), {("SVC-01", "S2"): since}))
    policy = exceptions(found, "SVC-01")["S2"]
    assert (policy["name"], policy["state"], policy["first_seen"]) == (HOSTILE, "open", "2026-11-13T12:00:00Z")
    assert policy["owners"] == [{"id": "T1", "name": "Payments"}]
    timeouts = exceptions(found, "SVC-05")["S2"]
    assert (timeouts["state"], timeouts["accepted_by"], timeouts["accepted_until"]) == (
        "accepted",
        "L. Chen",
        "2026-11-26T12:00:00Z",
    )
    assert timeouts["first_seen"] == "2026-11-17T12:00:00Z"
    assert found["acceptances"] == [
        {"check": "SVC-05", "by": ACCEPTED.by, "until": "2026-11-26T12:00:00Z", "why": ACCEPTED.why, "subject": "S2"}
    ]
    assert [one["result"] for one in of(found, "SVC-01")["days"] if one["result"]] == ["fail", "fail"]


def test_coverage_has_its_gaps_and_one_that_is_not_known_says_why() -> None:
    first, second = as_json(wrong())["coverage"]
    assert first["gaps"] == [{"start": "2026-11-19T12:00:00Z", "end": "2026-11-19T20:00:00Z", "why": "no_users"}]
    assert (second["name"], second["window"], second["gaps"]) == ("Data weekend", None, [])
    assert "schedule.layers is missing" in second["unknown"]


def test_where_oncalls_disagree_it_says_so_and_only_for_the_time_it_was_asked_for() -> None:
    asked = Span(NOW, NOW + timedelta(days=1))
    other = dataset(Name.ONCALLS, OnCall("U2", "EP1", 1, "SC1", None, None), covers=(asked,))
    (line,) = as_json(facts(other))["coverage"]
    assert line["differences"] == [
        {
            "start": "2026-11-17T12:00:00Z",
            "end": "2026-11-18T12:00:00Z",
            "computed": ["U1"],
            "said": ["U2"],
            "by": "oncalls",
        }
    ]
    agreeing = dataset(Name.ONCALLS, OnCall("U1", "EP1", 1, "SC1", None, None), covers=(asked,))
    assert as_json(facts(agreeing))["coverage"][0]["differences"] == []
    assert as_json()["coverage"][0]["differences"] == []  # It was not asked for any time.


def test_what_pagerduty_renders_otherwise_is_told_beside_it() -> None:
    span = Span(NOW, NOW + timedelta(hours=1))
    other = Difference("SC1", span, frozenset({"U1"}), frozenset(), Voice.RENDERED)
    cover = dataset(Name.COVERAGE, Covered(covered().coverage, (other,)))
    (told,) = as_json(facts(cover))["coverage"][0]["differences"]
    assert (told["by"], told["computed"], told["said"]) == ("rendered", ["U1"], [])


def test_a_policy_has_somebody_to_call_where_another_level_has_and_says_when_it_has_not() -> None:
    """The schedule SC1 has a gap of a night: level 1 has it too, and the policy only as long as no level 2 covers it."""
    first = Level(30, (Target("SC1", is_schedule=True),))
    alone = Policy("EP1", "Alone", (first,), 1, ("S1",), ("T1",))
    backed = Policy("EP2", "Backed", (first, Level(30, (Target("U2", is_schedule=False),))), 1, (), ())
    lost = Policy("EP3", "Lost", (Level(30, (Target("SC9", is_schedule=True),)),), 1, (), ())
    unread = Policy("EP4", "Unread", None)
    gap = {"start": "2026-11-19T12:00:00Z", "end": "2026-11-19T20:00:00Z", "why": "no_users"}
    asked = Span(NOW, NOW + timedelta(hours=2))
    said = dataset(Name.ONCALLS, OnCall("U1", "EP1", 1, "SC1", None, None), covers=(asked,))
    around = (Shift(Span(NOW, NIGHT.start), "U1"), Shift(Span(NIGHT.end, AHEAD.end), "U1"))
    cover = dataset(Name.COVERAGE, covered("SC1", NIGHT, shifts=around))
    of = facts(cover, dataset(Name.POLICIES, unread, lost, backed, alone), said)
    one, two, three, four = as_json(of)["policies"]
    assert (one["policy"], one["gaps"], one["owners"]) == ("EP1", [gap], [{"id": "T1", "name": "Payments"}])
    assert one["window"] == {"start": "2026-11-17T12:00:00Z", "end": "2026-12-17T12:00:00Z"}
    assert (one["levels"][0]["gaps"], one["levels"][0]["differences"]) == ([gap], [])
    assert (two["gaps"], [level["gaps"] for level in two["levels"]]) == ([], [[gap], []])
    # /oncalls was asked, and says nothing of EP2: whoever should be called there is a difference on each level.
    assert [level["differences"][0]["computed"] for level in two["levels"]] == [["U1"], ["U2"]]
    assert (three["window"], three["gaps"]) == (None, [])
    assert three["unknown"] == "the coverage of the schedule SC9 is not known for all of that time"
    assert (four["unknown"], four["levels"]) == ("its levels were not read", [])


def test_times_are_told_by_priority_service_and_team_and_for_each_incident() -> None:
    found = as_json(wrong())["times"]
    (priority,) = found["by_priority"]
    assert (priority["id"], priority["incidents"], priority["late_acknowledged"]) == ("P1", 11, 11)
    assert {one["name"]: one["incidents"] for one in found["by_service"]} == {"Checkout": 6, HOSTILE: 5}
    assert {one["name"] for one in found["by_team"]} == {"Payments"}
    assert len(found["incidents"]) == 11
    assert found["incidents"][0]["acknowledged_s"] == 41 * 60
    box = found["boxes"][0]
    assert (box["name"], box["count"], box["p25_s"], box["p50_s"], box["p95_s"]) == (
        "Checkout",
        6,
        43 * 60,
        45 * 60,
        51 * 60,
    )
    assert "first acknowledgement by a person" in found["stated"]


def test_incidents_are_those_that_began_in_the_window_that_was_asked_for() -> None:
    several = dataset(Name.INCIDENTS, *(incident(at, age=timedelta(days=at), acknowledged=90) for at in range(1, 20)))
    week = Span(NOW - timedelta(days=7), NOW)
    found = as_json(facts(several), window=week)
    assert [one["number"] for one in found["times"]["incidents"]] == [7, 6, 5, 4, 3, 2, 1]
    assert set(exceptions(found, "INC-01")) == {f"I{at}" for at in range(1, 8)}
    assert of(found, "INC-01")["judged"] == 7


def test_it_survives_json_to_the_byte() -> None:
    found = as_json(wrong())
    written = canonical(found)
    assert canonical(json.loads(written)) == written
    assert written.isascii()


def test_nothing_known_is_unknown_and_never_in_order() -> None:
    found = as_json(Facts())
    assert found["counts"]["pass"] == 0
    assert found["coverage"] == []


def test_the_value_has_the_names_of_all_it_tells_of() -> None:
    found = report(GOOD)
    assert (found.names["S1"], found.names["SC1"], found.names["T1"], found.names["U1"]) == (
        "Checkout",
        "Checkout L1",
        "Payments",
        "Name of U1",
    )
    assert [one.id for one in found.critical] == ["S1"]
    assert AHEAD.has(NIGHT)
