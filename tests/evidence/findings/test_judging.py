"""What becomes of a check: pass only with everything read; accepted for a time; a plan that has nothing of the kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.evidence.facts.dataset import Dataset, Lack, Missing, Name
from syncd.evidence.facts.services import Service
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.judging import Acceptance, Result, findings
from syncd.evidence.spans import Span
from tests.evidence.account import COLLECTED, GOOD, NOW, RULES, dataset, facts, found, policy, service, told

BAD = facts(dataset(Name.SERVICES, service(policy=""), service("S2", name="Search")))


def _accepted(**changes: object) -> tuple[Acceptance, ...]:
    good = Acceptance("SVC-01", "L. Chen", NOW + timedelta(days=14), "it goes in December", "S1")
    return (replace(good, **changes),)  # type: ignore[arg-type]


@pytest.mark.parametrize("check", [one.id for one in CATALOGUE])
def test_an_account_in_order_passes(check: str) -> None:
    finding = found(check)
    assert (finding.result, finding.wrong, finding.unread, finding.missing) == (Result.PASS, (), (), ())
    assert finding.judged > 0


def test_there_is_one_finding_for_each_check_in_their_order() -> None:
    assert [one.check for one in findings(GOOD, RULES, NOW)] == [one.id for one in CATALOGUE]


def test_a_finding_names_its_subjects_and_counts_them() -> None:
    finding = found("SVC-01", BAD)
    assert (finding.result, finding.judged) == (Result.FAIL, 2)
    assert told(finding) == {"S1": "it has no escalation policy and is critical"}
    assert finding.sentence == "1 of 2 is not in order."


def test_what_was_accepted_is_told_with_who_and_why() -> None:
    finding = found("SVC-01", BAD, accepted=_accepted())
    assert finding.result is Result.ACCEPTED
    assert finding.accepted[0].acceptance == _accepted()[0]
    assert finding.sentence == "1 of 2 is not in order, and accepted."


def test_an_acceptance_that_has_run_out_is_a_fail_again() -> None:
    for until in (NOW, NOW - timedelta(seconds=1)):
        finding = found("SVC-01", BAD, accepted=_accepted(until=until))
        assert finding.result is Result.FAIL
        assert told(finding)["S1"].endswith(f" (it was accepted until {until:%Y-%m-%d %H:%M} UTC, which is over)")
        assert finding.wrong[0].acceptance == _accepted(until=until)[0]
    # Of two the one that holds longer counts.
    both = (*_accepted(until=NOW), *_accepted())
    assert found("SVC-01", BAD, accepted=both).result is Result.ACCEPTED


@pytest.mark.parametrize("changes", [{"check": "SVC-02"}, {"subject": "S2"}], ids=["check", "subject"])
def test_an_acceptance_of_something_else_changes_nothing(changes: dict[str, object]) -> None:
    assert found("SVC-01", BAD, accepted=_accepted(**changes)).result is Result.FAIL


def test_one_that_names_no_subject_is_for_all_of_a_check() -> None:
    worse = facts(dataset(Name.SERVICES, service(policy=""), service("S2", policy="")))
    assert found("SVC-01", worse, accepted=_accepted(subject="")).result is Result.ACCEPTED
    partly = found("SVC-01", worse, accepted=_accepted())
    assert (partly.result, len(partly.wrong), len(partly.accepted)) == (Result.FAIL, 1, 1)
    assert partly.sentence == "1 of 2 is not in order (1 accepted)."


@pytest.mark.parametrize("lacks", ["subject", "dataset"])
def test_what_is_wrong_is_told_with_what_was_not_read(lacks: str) -> None:
    other = service("S2", policy=None) if lacks == "subject" else service("S2")
    missing = (Missing(Lack.THROTTLED, "S3"),) if lacks == "dataset" else ()
    finding = found("SVC-01", facts(dataset(Name.SERVICES, service(policy=""), other, missing=missing)))
    assert finding.sentence.endswith("is not in order (not everything was read).")


def test_what_was_not_read_cannot_be_accepted() -> None:
    unread = facts(dataset(Name.SERVICES, service(policy=None), service("S2")))
    assert found("SVC-01", unread, accepted=_accepted()).result is Result.UNKNOWN
    both = facts(dataset(Name.SERVICES, service(policy=""), service("S2", policy=None)))
    assert found("SVC-01", both, accepted=_accepted()).result is Result.UNKNOWN
    assert found("SVC-01", both).result is Result.FAIL


@pytest.mark.parametrize("why", list(Lack), ids=str)
def test_a_dataset_that_was_not_read_says_why(why: Lack) -> None:
    denied = Dataset[Service](Name.SERVICES, missing=(Missing(why, needs="services.read"),))
    finding = found("SVC-03", facts(denied))
    if why is Lack.PLAN:
        assert finding.sentence == "Services: not on the account's plan (services.read)."
        assert finding.result is Result.NOT_APPLICABLE
    else:
        assert finding.result is Result.UNKNOWN
        assert finding.missing[0].startswith("services: ")
        assert finding.missing[0] in finding.sentence
        if why in {Lack.SCOPE, Lack.PERMISSION}:
            assert "services.read" in finding.sentence


def test_an_ability_that_the_plan_lacks_leaves_nothing_to_judge() -> None:
    finding = found("SVC-03", facts(dataset(Name.ABILITIES)))
    assert (finding.result, finding.why_not) == (Result.NOT_APPLICABLE, "The account's plan lacks the ability teams")
    # Not having read the abilities is not the same as not having one.
    unread = facts(dataset(Name.ABILITIES, collected_at=None))
    assert found("SVC-03", unread).result is Result.UNKNOWN


def test_a_pass_says_of_how_many() -> None:
    assert found("SVC-03").sentence == "All 2 are in order."
    assert found("EP-01").sentence == "The one there is is in order."


def test_where_there_is_nothing_there_is_no_pass() -> None:
    finding = found("EP-01", facts(dataset(Name.POLICIES)))
    assert (finding.result, finding.sentence) == (Result.NOT_APPLICABLE, "There is nothing in the account to judge.")


def test_nothing_passes_by_what_is_out_of_date() -> None:
    fresh, old = NOW - timedelta(hours=48), NOW - timedelta(hours=48, seconds=1)
    assert found("EP-01", facts(dataset(Name.POLICIES, policy(), collected_at=fresh))).result is Result.PASS
    finding = found("EP-01", facts(dataset(Name.POLICIES, policy(), collected_at=old)))
    assert finding.result is Result.UNKNOWN
    assert finding.missing == ("escalation policies: too long ago (last collected 2026-11-15 11:59 UTC)",)


def test_what_is_out_of_date_does_not_say_what_is_not_there() -> None:
    """A policy that was made since is none that no longer exists; one without a level was so then, and that is told."""
    old = NOW - timedelta(days=3)
    policies = dataset(Name.POLICIES, policy("EP2", levels=()), collected_at=old)
    assert (found("SVC-01", facts(policies)).result, found("SVC-01", facts(policies)).wrong) == (Result.UNKNOWN, ())
    assert found("EP-01", facts(policies)).result is Result.FAIL
    abilities = dataset(Name.ABILITIES, collected_at=old)
    assert found("SVC-03", facts(abilities)).result is Result.UNKNOWN


def test_a_time_that_was_not_collected_is_unknown() -> None:
    start = NOW - timedelta(days=30)
    hole = Span(NOW - timedelta(days=9), NOW - timedelta(days=8))
    incidents = GOOD.incidents.rows
    whole = dataset(Name.INCIDENTS, *incidents, covers=(Span(start, COLLECTED),))
    holed = dataset(Name.INCIDENTS, *incidents, covers=(Span(start, hole.start), Span(hole.end, COLLECTED)))
    assert found("INC-01", facts(whole)).result is Result.PASS
    finding = found("INC-01", facts(holed))
    assert finding.result is Result.UNKNOWN
    assert finding.missing == (
        "incidents: nothing is known of 2026-11-08 12:00 to 2026-11-09 12:00 UTC; `syncd evidence collect NAME --since 2026-11-08` reads it",
    )


def test_an_unknown_says_why_and_how_much_more() -> None:
    unread = facts(dataset(Name.SERVICES, service(policy=None), service("S2", policy=None)))
    assert found("SVC-01", unread).sentence == "It cannot be told of 2 subjects: its escalation policy was not read."
    assert {one.subject for one in found("SVC-01", unread).unread} == {"S1", "S2"}
    limited = dataset(
        Name.SERVICES, service(), missing=(Missing(Lack.THROTTLED), Missing(Lack.UNREADABLE, "S2", "id is no text"))
    )
    assert found("SVC-01", facts(limited)).sentence == (
        "It cannot be told: services: PagerDuty limited the requests, and the rest is still to be read, and 1 more."
    )
