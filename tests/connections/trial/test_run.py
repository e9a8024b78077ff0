"""A trial against the simulated PagerDuty: it finds out how every switch stands, and never leaves an incident open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from syncd.connections.joining.setup import Setup
from syncd.connections.trial.finding import Finding, Verdict
from syncd.connections.trial.run import Trial, prepared
from syncd.errors import Conflict, NotFound, SyncdError, Unavailable
from syncd.simulator import Simulator
from syncd.simulator.faults import Fault

DEFAULTS = {
    "post_status": "201",
    "acknowledge_acknowledged": "accept",
    "rest_unacknowledges": "True",
    "null_priority_clears": "False",
    "keeps_resolution": "True",
    "resolution_annotates": "False",
    "resolve_resolved": "accept",
    "reopens": "True",
    "limit_headers": "True",
    "limit_above_100": "clamp",
    "user_query_matches_email": "False",
}


def no_rest(_: float) -> None:
    return


def settled(findings: Sequence[Finding]) -> dict[str, str]:
    return {one.switch: one.value for one in findings if one.verdict is Verdict.SETTLED}


def of(setup: Setup, service: str = "Checkout") -> Trial:
    return prepared(setup, "acme", service, no_rest)


@pytest.mark.usefixtures("acme")
def test_everything_that_syncd_relies_on_holds_of_the_simulator(setup: Setup, pagerduty: Simulator) -> None:
    findings = list(of(setup).findings())
    assert {one.verdict for one in findings} == {Verdict.HELD, Verdict.SETTLED, Verdict.NOT_TRIED}
    assert settled(findings) == DEFAULTS
    (made,) = pagerduty.account.incidents.values()
    assert (made.status, made.urgency) == ("resolved", "low")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("switch", "value"),
    [
        ("post_status", 200),
        ("acknowledge_acknowledged", "refuse"),
        ("rest_unacknowledges", False),
        ("null_priority_clears", True),
        ("keeps_resolution", False),
        ("resolution_annotates", True),
        ("resolve_resolved", "refuse"),
        ("reopens", False),
        ("limit_headers", False),
        ("limit_above_100", "refuse"),
        ("user_query_matches_email", True),
    ],
)
def test_it_finds_out_how_a_switch_stands(setup: Setup, pagerduty: Simulator, switch: str, value: object) -> None:
    setattr(pagerduty.switches, switch, value)
    found = settled(list(of(setup).findings()))
    more = {"legacy_reopen_code": "2001"} if switch == "reopens" else {}
    assert found == {**DEFAULTS, switch: str(value), **more}
    assert {one.status for one in pagerduty.account.incidents.values()} == {"resolved"}


@pytest.mark.usefixtures("acme")
def test_who_would_be_paged_is_known_before_anything_is_opened(setup: Setup, pagerduty: Simulator) -> None:
    service = next(iter(pagerduty.account.services.values()))
    paged = of(setup, service.name).paged
    policy = pagerduty.account.policies[service.policy_id]
    names = sorted(f"{pagerduty.account.users[who].name} (level 1)" for who in policy.on_call)
    assert (paged.service, sorted(paged.people), paged.is_always_loud) == (service.name, names, False)
    assert pagerduty.account.incidents == {}
    pagerduty.account.services[service.id] = replace(service, urgency="high")
    assert of(setup, service.name).paged.is_always_loud


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("after", range(1, 22))
def test_wherever_it_is_broken_off_the_incident_is_resolved(setup: Setup, pagerduty: Simulator, after: int) -> None:
    findings = of(setup).findings()
    for _, _ in zip(range(after), findings, strict=False):
        pass
    findings.close()
    assert {one.status for one in pagerduty.account.incidents.values()} <= {"resolved"}


@pytest.mark.usefixtures("acme")
def test_one_that_cannot_be_resolved_is_named(setup: Setup, pagerduty: Simulator) -> None:
    pagerduty.faults.lay(Fault(count=0, methods=("PUT",), path="/incidents/*", status=400, code=2001))
    with pytest.raises(Unavailable, match="could not be resolved; resolve it in PagerDuty"):
        list(of(setup).findings())


@pytest.mark.usefixtures("acme")
def test_a_far_side_that_goes_away_ends_it_in_a_sentence(setup: Setup, pagerduty: Simulator) -> None:
    pagerduty.faults.lay(Fault(methods=("POST",), path="*/notes", cut=True))
    with pytest.raises(SyncdError, match="try again"):
        list(of(setup).findings())
    assert {one.status for one in pagerduty.account.incidents.values()} == {"resolved"}


@pytest.mark.usefixtures("acme")
def test_a_second_opening_that_is_taken_is_a_finding_and_is_resolved_too(setup: Setup, pagerduty: Simulator) -> None:
    trial = of(setup)
    findings = trial.findings()
    while next(findings).step != "find by key":
        pass
    pagerduty.account.incidents[trial.life.ref].incident_key = "another"
    found = next(findings)
    assert (found.step, found.verdict) == ("open again", Verdict.DIFFERS)
    findings.close()
    assert [one.status for one in pagerduty.account.incidents.values()] == ["resolved", "resolved"]


def test_which_account_is_meant_is_known_or_asked(setup: Setup, acme: str) -> None:
    assert prepared(setup, "", "Checkout", no_rest).slug == acme
    with pytest.raises(NotFound, match="no service Elsewhere"):
        of(setup, "Elsewhere")
    with pytest.raises(Conflict, match="not a PagerDuty account"):
        prepared(setup, "cases", "Checkout", no_rest)


def test_without_an_account_it_says_how_to_add_one(setup: Setup) -> None:
    with pytest.raises(NotFound, match="syncd integrations add"):
        prepared(setup, "", "Checkout", no_rest)
