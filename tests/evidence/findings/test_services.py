"""SVC-01 to SVC-06: each with what is wrong, what is in order all the same, and what is not known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.evidence.facts.account import Seen
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.oncalls import OnCall
from syncd.evidence.facts.services import UrgencyRule
from syncd.evidence.findings.judging import Acceptance, Result
from syncd.evidence.findings.services import critical_services
from syncd.evidence.rules.values import Critical, Rules
from tests.evidence.account import COLLECTED, GOOD, NOW, dataset, facts, found, not_read, policy, service, told

_PART = Missing(Lack.THROTTLED, "EP9")


def test_svc_01_a_service_without_a_policy_or_with_a_deleted_one() -> None:
    some = dataset(Name.SERVICES, service(), service("S2", policy=""), service("S3", policy="EP9"))
    assert told(found("SVC-01", facts(some), Rules(critical=Critical(ids=("S1",))))) == {
        "S2": "it has no escalation policy",
        "S3": "it has an escalation policy that no longer exists",
    }
    # Of one that was not read nobody knows whether it exists.
    unread = found("SVC-01", facts(some, dataset(Name.POLICIES, policy(), missing=(_PART,))))
    assert (set(told(unread)), not_read(unread)) == ({"S2"}, {"S3"})


@pytest.mark.parametrize("status", ["disabled", "maintenance"])
def test_svc_01_judges_no_service_that_opens_no_incidents(status: str) -> None:
    some = dataset(Name.SERVICES, service(), service("S2", policy="", status=status))
    assert found("SVC-01", facts(some)).result is Result.PASS


def test_svc_01_is_unknown_before_critical_services_are_chosen_and_where_a_choice_meets_none() -> None:
    finding = found("SVC-01", rules=Rules())
    assert finding.result is Result.UNKNOWN
    assert "[evidence.critical]" in finding.sentence
    whole = Acceptance("SVC-01", "ana", NOW + timedelta(days=9), "legacy")
    some = facts(dataset(Name.SERVICES, service(), service("S2", policy="")))
    finding = found("SVC-01", some, Rules(critical=Critical(ids=("S9",))), accepted=(whole,))
    assert finding.result is Result.UNKNOWN
    assert finding.sentence.endswith(" (1 accepted).")
    for choice in (Critical(ids=("S9",)), Critical(names=("Chekout*", "Check*")), Critical(teams=("T9",), ids=("S1",))):
        finding = found("SVC-01", rules=Rules(critical=choice))
        assert (finding.result, finding.judged, len(finding.unread)) == (Result.UNKNOWN, 2, 1)


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        (Critical(ids=("S2",)), {"S2"}),
        (Critical(names=("check*",)), {"S1"}),
        (Critical(teams=("T1",)), {"S1", "S2"}),
        (Critical(ids=("S2",), names=("Checkout",)), {"S1", "S2"}),
        (Critical(), set()),
    ],
    ids=["id", "name", "team", "either", "none"],
)
def test_critical_services_are_chosen_by_id_name_or_team(choice: Critical, ids: set[str]) -> None:
    assert {one.id for one in critical_services(GOOD, choice)} == ids


def _oncalls(*rows: OnCall, **changes: object) -> set[str]:
    return set(told(found("SVC-02", facts(dataset(Name.ONCALLS, *rows, **changes)))))


def test_svc_02_nobody_on_call_at_the_first_level() -> None:
    on_call, hour = OnCall("U1", "EP1", 1), timedelta(hours=1)
    assert _oncalls(on_call) == set()
    assert _oncalls(OnCall("U1", "EP1", 2)) == {"S1", "S2"}
    assert _oncalls(OnCall("U1", "EP9", 1)) == {"S1", "S2"}
    # From its first moment on, and not at its last.
    assert _oncalls(OnCall("U1", "EP1", 1, "SC1", COLLECTED, COLLECTED + hour)) == set()
    assert _oncalls(OnCall("U1", "EP1", 1, "SC1", COLLECTED - hour, COLLECTED)) == {"S1", "S2"}
    finding = found("SVC-02", facts(dataset(Name.ONCALLS, missing=(Missing(Lack.THROTTLED),))))
    assert (finding.result, finding.wrong, not_read(finding)) == (Result.UNKNOWN, (), {"S1", "S2"})


def test_svc_02_leaves_a_service_without_a_policy_to_svc_01() -> None:
    assert found("SVC-02", facts(dataset(Name.SERVICES, service(), service("S2", policy="")))).judged == 1


def test_svc_03_a_service_of_no_team() -> None:
    some = dataset(Name.SERVICES, service(), service("S2", teams=()), service("S3", teams=None))
    finding = found("SVC-03", facts(some))
    assert (told(finding), not_read(finding)) == ({"S2": "it belongs to no team"}, {"S3"})


@pytest.mark.parametrize("status", ["disabled", "maintenance"])
def test_svc_04_counts_from_when_the_state_was_first_seen(status: str) -> None:
    away = dataset(Name.SERVICES, service(), service("S2", status=status))
    limit = NOW - timedelta(days=30)
    for since, was_otherwise, result in [
        (limit - timedelta(seconds=1), True, Result.FAIL),
        (limit - timedelta(seconds=1), False, Result.FAIL),
        (limit, True, Result.PASS),
        # It was so when it was first seen: since when, nobody knows.
        (limit, False, Result.UNKNOWN),
    ]:
        seen = {"S2": Seen(status, since, was_otherwise)}
        assert found("SVC-04", facts(away, seen=seen)).result is result
    assert found("SVC-04", facts(away)).result is Result.UNKNOWN
    # It cannot be away for longer than it is there.
    for made, result in [(limit, Result.PASS), (limit - timedelta(seconds=1), Result.UNKNOWN)]:
        young = dataset(Name.SERVICES, service("S2", status=status, created_at=made))
        assert found("SVC-04", facts(young)).result is result
    assert found("SVC-04", facts(away, seen={"S2": Seen("active", limit, was_otherwise=True)})).result is Result.UNKNOWN


def test_svc_05_a_timeout_that_is_off() -> None:
    some = dataset(
        Name.SERVICES,
        service("S1", acknowledgement_s=0),
        service("S2", auto_resolve_s=0),
        service("S3", acknowledgement_s=0, auto_resolve_s=0),
        service("S4", acknowledgement_s=None),
        service("S5", acknowledgement_s=None, auto_resolve_s=0),
        service("S6", acknowledgement_s=0, status="disabled"),
    )
    finding = found("SVC-05", facts(some))
    assert told(finding) == {
        "S1": "its acknowledgement timeout is off",
        "S2": "its auto-resolve is off",
        "S3": "its acknowledgement timeout and its auto-resolve are off",
        "S5": "its auto-resolve is off",
    }
    assert not_read(finding) == {"S4"}


def test_svc_06_constant_high_urgency() -> None:
    rules = {
        "S1": UrgencyRule(is_constant=True, urgency="high"),
        "S2": UrgencyRule(is_constant=True, urgency="low"),
        "S3": UrgencyRule(is_constant=False, during="high", outside="high"),
        "S4": None,
    }
    some = dataset(Name.SERVICES, *(service(one, urgency=rule) for one, rule in rules.items()))
    finding = found("SVC-06", facts(some))
    assert (set(told(finding)), not_read(finding)) == ({"S1"}, {"S4"})
