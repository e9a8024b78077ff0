"""Of a service, a schedule and an incident the first gate that stops it is named, with who acts and the command: whatever else is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.why.proving import ASKS, Proof, Proving, Thing
from syncd.core.why.verdict import Verdict, Who
from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.incidents import Actor, Entry
from syncd.evidence.findings.judging import Acceptance
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.evidence.why import incidents, schedules, services
from syncd.evidence.why.gates import GATES
from syncd.evidence.why.known import Account, Known
from tests.evidence.account import (
    AHEAD,
    COLLECTED,
    GOOD,
    NOW,
    RULES,
    covered,
    dataset,
    entry,
    facts,
    incident,
    schedule,
    service,
)

ACME = Account("acme")
ABOUT: Mapping[Thing, Callable[[Known, str], Sequence[Proof]]] = {
    Thing.SERVICE: services.about,
    Thing.SCHEDULE: schedules.about,
    Thing.INCIDENT: incidents.about,
}
DATASETS = {Thing.SERVICE: Name.SERVICES, Thing.SCHEDULE: Name.SCHEDULES, Thing.INCIDENT: Name.INCIDENTS}
THERE = {Thing.SERVICE: "S1", Thing.SCHEDULE: "SC1", Thing.INCIDENT: "I1"}


def why(thing: Thing, name: str, of: Facts = GOOD, account: Account = ACME, rules: Rules = RULES) -> Proof:
    (found,) = ABOUT[thing](Known(account, of, rules, NOW), name)
    assert found.thing is thing
    return found


def stopped(proof: Proof, at: Proving, *words: str) -> Verdict:
    verdict = proof.verdict
    assert (verdict.gate, verdict.stops) == (at, True), verdict.sentence
    for word in words:
        assert word in f"{verdict.sentence} {verdict.remedy}", verdict
    return verdict


def lacking(name: Name, why_not: Lack, *, part: str = "", needs: str = "", of: Facts = GOOD) -> Facts:
    lack, there = Missing(why_not, part, needs), of.of(name)
    after = there.without(lack) if part else replace(there, missing=(*there.missing, lack))
    return replace(of, **{FIELDS[name]: after})  # type: ignore[arg-type]


# Before anything.


@pytest.mark.parametrize("thing", Thing)
@pytest.mark.parametrize("name", ["there", "elsewhere"])
def test_the_account_comes_first(thing: Thing, name: str) -> None:
    called = THERE[thing] if name == "there" else "PNOWHERE"
    off = why(thing, called, account=replace(ACME, is_collected=False, away="The key was refused", code="PAG-100-B"))
    assert stopped(off, Proving.SWITCHED_ON).command == "syncd integrations set acme --evidence on"
    away = why(thing, called, account=replace(ACME, away="PagerDuty answered 401", code="PAG-100-B"))
    verdict = stopped(away, Proving.CONNECTED, "acme is disconnected (PAG-100-B)", "PagerDuty answered 401")
    assert (verdict.command, verdict.code) == ("syncd integrations rotate acme", "PAG-100-B")
    paused = why(thing, called, account=replace(ACME, why_paused="Integration acme is paused by Ana: a move"))
    assert stopped(paused, Proving.CONNECTED).command == "syncd integrations resume acme"


@pytest.mark.parametrize("thing", Thing)
@pytest.mark.parametrize("lack", [one for one in Lack if one is not Lack.NOT_GIVEN])
def test_each_lack_stops_a_record_that_is_not_there_at_its_gate(thing: Thing, lack: Lack) -> None:
    of = lacking(DATASETS[thing], lack, needs="schedules.read" if lack is Lack.SCOPE else "")
    verdict = stopped(why(thing, "PNOWHERE", of), GATES[lack], "acme")
    assert verdict.remedy
    assert verdict.who is (Who.NOBODY if lack in {Lack.PLAN, Lack.THROTTLED} else Who.YOU)


@pytest.mark.parametrize("thing", Thing)
def test_what_was_never_collected_is_collected_by_a_command(thing: Thing) -> None:
    verdict = stopped(why(thing, "PNOWHERE", Facts()), Proving.COLLECTED, "not collected yet (acme)")
    assert verdict.command == "syncd evidence collect acme"


@given(
    st.sampled_from(list(Thing)),
    st.lists(st.sampled_from([one for one in Lack if one is not Lack.NOT_GIVEN]), min_size=1, max_size=4),
)
def test_of_several_lacks_the_earliest_gate_is_named(thing: Thing, lacks: list[Lack]) -> None:
    of = GOOD
    for one in lacks:
        of = lacking(DATASETS[thing], one, of=of)
    assert why(thing, "PNOWHERE", of).verdict.gate == min(GATES[one] for one in lacks)


# Services do not appear.


def test_a_service_that_another_team_owns_is_hidden_from_a_key_of_some_teams() -> None:
    verdict = stopped(
        why(Thing.SERVICE, "Payments", lacking(Name.SERVICES, Lack.HIDDEN)),
        Proving.VISIBLE,
        "Payments is not among the 2 services that are seen of acme",
        "may be one that is not shown",
    )
    assert (verdict.code, verdict.command) == ("SYN-PAG-SIGHT", "syncd integrations rotate acme")
    by_oauth = why(
        Thing.SERVICE, "Payments", lacking(Name.SERVICES, Lack.HIDDEN), account=replace(ACME, is_by_oauth=True)
    )
    assert by_oauth.verdict.command == "syncd integrations authorise acme"


def test_whether_the_key_sees_all_may_not_have_been_asked() -> None:
    verdict = stopped(why(Thing.SERVICE, "Payments", lacking(Name.SERVICES, Lack.UNTOLD)), Proving.VISIBLE)
    assert verdict.command == "syncd evidence collect acme"


def test_a_service_that_is_not_there_at_all() -> None:
    verdict = stopped(why(Thing.SERVICE, "Payments"), Proving.KNOWN, "acme had no service Payments", "2 services")
    assert f"{COLLECTED:%Y-%m-%d %H:%M} UTC" in verdict.sentence


@pytest.mark.parametrize(
    ("thing", "name", "meant"),
    [
        (Thing.SERVICE, "chekout", "Did you mean Checkout (service:S1)? See how"),
        (Thing.SERVICE, "Sarch", "Did you mean Search (service:S2)? See how"),
        (Thing.SCHEDULE, "Chekout L1", "Did you mean Checkout L1 (schedule:SC1)? See how"),
    ],
)
def test_a_name_that_is_written_a_little_otherwise_is_asked_about(thing: Thing, name: str, meant: str) -> None:
    assert why(thing, name).verdict.remedy.startswith(meant)
    hidden = lacking(DATASETS[thing], Lack.HIDDEN)
    assert why(thing, name, hidden).verdict.remedy.startswith(meant.removesuffix("See how"))
    assert "Did you mean" not in why(thing, "Payments", hidden).verdict.remedy


def test_what_nobody_has_asked_is_not_said_to_be_so() -> None:
    verdict = why(Thing.SERVICE, "Payments", lacking(Name.SERVICES, Lack.UNTOLD)).verdict
    assert "it is not known whether the key sees every team" in verdict.sentence


@pytest.mark.parametrize("name", ["S1", "Checkout", "checkout"])
def test_a_service_that_is_there_says_so(name: str) -> None:
    proof = why(Thing.SERVICE, name, lacking(Name.SERVICES, Lack.HIDDEN))
    assert (proof.verdict.stops, proof.means, proof.is_found) == (False, "service:S1", True)
    assert proof.verdict.sentence == "Checkout (S1) of acme is active, with 1 integration."


def test_what_checks_find_of_a_service_is_named_with_what_helps() -> None:
    of = facts(dataset(Name.SERVICES, service(teams=(), integrations=0), service("S2")))
    verdict = stopped(why(Thing.SERVICE, "S1", of), Proving.IN_ORDER, "SVC-03: it belongs to no team", "0 integrations")
    until = f"{NOW + timedelta(days=90):%Y-%m-%d}"
    assert verdict.command == f'syncd evidence accept SVC-03 S1 --integration acme --until {until} --why "say here why"'


def test_of_several_faults_the_others_are_named_and_what_is_accepted_stops_nobody() -> None:
    of = facts(dataset(Name.SERVICES, service(teams=(), acknowledgement_s=0), service("S2")))
    assert "; likewise of SVC-05." in why(Thing.SERVICE, "S1", of).verdict.remedy
    lived_with = tuple(Acceptance(one, "Ana", NOW + timedelta(days=1), "it goes", "S1") for one in ("SVC-03", "SVC-05"))
    (some,) = services.about(Known(ACME, of, RULES, NOW, lived_with[:1]), "S1")
    assert "accept SVC-05 S1" in stopped(some, Proving.IN_ORDER, "which Ana has accepted until").command
    (both,) = services.about(Known(ACME, of, RULES, NOW, lived_with), "S1")
    assert not both.verdict.stops
    assert "(it goes)" in both.verdict.sentence
    over = replace(lived_with[0], until=NOW)
    (again,) = services.about(Known(ACME, of, RULES, NOW, (over, lived_with[1])), "S1")
    stopped(again, Proving.IN_ORDER, "SVC-03: it belongs to no team (it was accepted until")


def test_what_is_only_to_be_thought_about_stops_nobody() -> None:
    rule = replace(service().urgency, urgency="high")  # type: ignore[type-var]
    of = facts(dataset(Name.SERVICES, service(urgency=rule), service("S2")))
    verdict = why(Thing.SERVICE, "S1", of).verdict
    assert not verdict.stops
    assert "SVC-06" in verdict.sentence


def test_several_of_one_name_are_each_told() -> None:
    of = facts(dataset(Name.SERVICES, service(), service("S2")))
    found = services.about(Known(ACME, of, RULES, NOW), "Checkout")
    assert [one.means for one in found] == ["service:S1", "service:S2"]


# Gaps are not detected.


def test_a_schedule_without_layers_is_always_a_gap() -> None:
    of = facts(dataset(Name.SCHEDULES, schedule(turns=0)), dataset(Name.COVERAGE, covered("SC1", AHEAD, shifts=())))
    stopped(why(Thing.SCHEDULE, "SC1", of), Proving.IN_ORDER, "has no layers", "at any time", "SCH-03")


def test_the_gaps_there_are() -> None:
    holes = [Span(NOW + timedelta(days=at), NOW + timedelta(days=at, hours=1)) for at in range(1, 6)]
    of = facts(dataset(Name.COVERAGE, covered("SC1", *holes)))
    stopped(why(Thing.SCHEDULE, "checkout l1", of), Proving.IN_ORDER, "has 5 gaps from", "and 2 more", "SCH-01")


def test_without_a_gap_it_is_said_how_far_was_looked() -> None:
    verdict = why(Thing.SCHEDULE, "SC1").verdict
    assert not verdict.stops
    assert f"no gap from {AHEAD.start:%Y-%m-%d %H:%M} to {AHEAD.end:%Y-%m-%d %H:%M} UTC" in verdict.sentence
    assert "gap_days = 30" in verdict.sentence


@pytest.mark.parametrize("name", [Name.SCHEDULES, Name.COVERAGE])
def test_a_schedule_that_cannot_be_read_or_computed_says_where_it_breaks(name: Name) -> None:
    of = lacking(name, Lack.UNREADABLE, part="SC1", needs="rotations[0].events[1]")
    stopped(why(Thing.SCHEDULE, "SC1", of), Proving.READABLE, "rotations[0].events[1]")


def test_shift_based_schedules_that_the_token_may_not_read() -> None:
    of = lacking(Name.SCHEDULES, Lack.SCOPE, needs="schedules.read")
    verdict = stopped(
        why(Thing.SCHEDULE, "Payments v3", of), Proving.PERMITTED, "schedules.read", "all that was set stays"
    )
    assert (verdict.code, verdict.command) == ("SYN-PAG-READS", "syncd integrations authorise acme")


def test_coverage_that_was_computed_long_ago_says_nothing_of_now() -> None:
    of = facts(dataset(Name.COVERAGE, covered(), collected_at=NOW - timedelta(days=2)))
    stopped(why(Thing.SCHEDULE, "SC1", of), Proving.COLLECTED, "too long ago", "syncd evidence collect acme")


# Times are missing.


def test_times_that_are_known_are_told_with_their_targets() -> None:
    verdict = why(Thing.INCIDENT, "#1").verdict
    assert not verdict.stops
    assert verdict.sentence == "#1 (I1) of acme: acknowledged after 3 min, resolved after 1 h."


def test_one_that_was_answered_late_is_a_finding_with_its_steps_and_the_command_to_live_with_it() -> None:
    late = facts(dataset(Name.INCIDENTS, incident(acknowledged=9, resolved=600)))
    proof = why(Thing.INCIDENT, "I1", late)
    verdict = stopped(
        proof,
        Proving.IN_ORDER,
        "#1 (I1) of acme: acknowledged after 9 min, resolved after 10 h. INC-01: waited 9 min",
        "INC-02: was resolved after 10 h, and the target is 4 h",
        "Look at who was called, and when: what its log says was done stands beneath.",
        "; likewise of INC-02.",
    )
    until = f"{NOW + timedelta(days=90):%Y-%m-%d}"
    assert verdict.command == f'syncd evidence accept INC-01 I1 --integration acme --until {until} --why "say here why"'
    assert [(one.what, one.by) for one in proof.log] == [
        ("trigger", "Name of U1"),
        ("acknowledge", "Name of U1"),
        ("resolve", "Name of U1"),
    ]
    lived_with = tuple(Acceptance(one, "Ana", NOW + timedelta(days=1), "a storm", "I1") for one in ("INC-01", "INC-02"))
    (settled,) = incidents.about(Known(ACME, late, RULES, NOW, lived_with), "I1")
    assert (settled.verdict.stops, "which Ana has accepted until" in settled.verdict.sentence) == (False, True)


def test_one_that_was_late_and_is_no_finding_says_why() -> None:
    among = facts(dataset(Name.INCIDENTS, incident(acknowledged=9), *(incident(at) for at in range(2, 12))))
    verdict = why(Thing.INCIDENT, "I1", among).verdict
    assert (verdict.stops, "acknowledging is later than its target of 5 min" in verdict.sentence) == (False, True)
    assert "enough others of its priority were in time" in verdict.remedy
    old = facts(dataset(Name.INCIDENTS, incident(acknowledged=9, age=timedelta(days=70))))
    verdict = why(Thing.INCIDENT, "I1", old).verdict
    assert (verdict.stops, verdict.command) == (False, "syncd evidence report acme --period 2026-09")


def test_one_that_is_left_open_is_a_finding() -> None:
    left = incident(40, acknowledged=None, resolved=None, age=timedelta(days=9))
    of = facts(dataset(Name.OPEN_INCIDENTS, left), dataset(Name.INCIDENTS, left))
    stopped(why(Thing.INCIDENT, "I40", of), Proving.IN_ORDER, "INC-03: it has been open for 8 d 23 h")


def test_a_log_that_a_limit_has_put_off_goes_on_by_itself() -> None:
    of = lacking(Name.INCIDENTS, Lack.THROTTLED, part="I1", of=facts(dataset(Name.INCIDENTS, incident(log=None))))
    of = replace(of, incidents=replace(of.incidents, rows=(incident(log=None),)))
    verdict = stopped(
        why(Thing.INCIDENT, "I1", of), Proving.COLLECTED, "limited the requests", 'evidence_log_strategy = "account"'
    )
    assert verdict.who is Who.NOBODY


def test_a_log_that_was_not_read_yet_and_one_of_before_the_window() -> None:
    unread = facts(dataset(Name.INCIDENTS, incident(log=None)))
    stopped(why(Thing.INCIDENT, "I1", unread), Proving.COLLECTED, "not collected yet")
    old = facts(dataset(Name.INCIDENTS, incident(log=None, age=timedelta(days=40))))
    verdict = stopped(why(Thing.INCIDENT, "I1", old), Proving.COVERED, "before the 30 days")
    assert verdict.command == f"syncd evidence collect acme --since {NOW - timedelta(days=40):%Y-%m-%d}"


def test_an_incident_of_before_anything_was_collected() -> None:
    verdict = stopped(
        why(Thing.INCIDENT, "Q999"), Proving.COVERED, "not among the 11 incidents", "from 2026-08-09 12:00 UTC on"
    )
    assert verdict.command == "syncd evidence collect acme --since DATE"


def test_a_log_that_does_not_lead_to_where_the_incident_stands() -> None:
    log = (entry(NOW - timedelta(days=2), Entry.TRIGGER),)
    of = facts(dataset(Name.INCIDENTS, incident(log=log)))
    stopped(why(Thing.INCIDENT, "I1", of), Proving.READABLE, "does not lead to the state")
    taken = entry(NOW - timedelta(days=1), Entry.ACKNOWLEDGE, Actor.UNKNOWN)
    of = facts(dataset(Name.INCIDENTS, incident(resolved=None, log=(*log, taken))))
    stopped(why(Thing.INCIDENT, "I1", of), Proving.READABLE, "who acknowledged it first")


def test_a_merged_incident_and_one_that_nobody_acknowledged() -> None:
    merged = facts(dataset(Name.INCIDENTS, incident(is_merged=True)))
    assert "merged into another" in why(Thing.INCIDENT, "I1", merged).verdict.sentence
    alone = facts(dataset(Name.INCIDENTS, incident(acknowledged=None)))
    assert "nobody has acknowledged it, resolved after 1 h" in why(Thing.INCIDENT, "I1", alone).verdict.sentence


def test_one_that_only_a_program_acknowledged() -> None:
    began = NOW - timedelta(hours=2)
    log = (entry(began, Entry.TRIGGER), entry(began + timedelta(minutes=1), Entry.ACKNOWLEDGE, Actor.API))
    of = facts(dataset(Name.INCIDENTS, replace(incident(resolved=None, log=log), status="acknowledged")))
    said = why(Thing.INCIDENT, "I1", of).verdict.sentence
    assert "no person has acknowledged it (a program did, by the API), it is acknowledged" in said


# What all of them promise.


def test_every_gate_says_what_it_asks() -> None:
    assert set(ASKS) == set(Proving)
    assert set(GATES) == set(Lack)


@given(
    st.sampled_from(list(Thing)),
    st.sampled_from(["S1", "SC1", "I1", "Checkout", "PNOWHERE", "#3"]),
    st.lists(
        st.tuples(st.sampled_from(list(Name)), st.sampled_from(list(Lack)), st.sampled_from(["", "S1", "SC1", "I1"]))
    ),
)
def test_whatever_is_missing_there_is_a_sentence_and_what_helps(
    thing: Thing, name: str, lacks: Collection[tuple[Name, Lack, str]]
) -> None:
    of = GOOD
    for dataset_name, lack, part in lacks:
        of = lacking(dataset_name, lack, part=part, of=of)
    verdict = why(thing, name, of).verdict
    assert verdict.sentence.endswith(".")
    assert not verdict.sentence.endswith("..")
    assert "acme" in verdict.sentence
    assert not verdict.stops or verdict.remedy
