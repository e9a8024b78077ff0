"""Single endpoints that refuse, limit or fail: the others go on, and what depends on them is unknown, with the reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.connections.tolls import Tolls
from syncd.evidence.collecting import collector, due
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.findings.judging import Result, findings
from syncd.evidence.fresh import freshness_of
from syncd.evidence.freshness import State
from syncd.evidence.rules.values import Rules
from syncd.simulator import Fault
from syncd.store import diagnoses
from tests.evidence.collecting.rig import SLUG, Rig

_ADMINS = "a Global Admin's or an account's key"


def _results(rig: Rig) -> dict[str, tuple[Result, str]]:
    return {one.check: (one.result, one.sentence) for one in findings(rig.facts(), Rules(), rig.now)}


@pytest.mark.parametrize(
    ("path", "names", "check"),
    [
        ("/users", {Name.USERS}, "USR-01"),
        ("/oncalls", {Name.ONCALLS}, "USR-01"),
        ("/escalation_policies", {Name.POLICIES}, "EP-01"),
        ("/services", {Name.SERVICES}, "SVC-02"),
        ("/schedules", {Name.SCHEDULES, Name.COVERAGE}, "SCH-01"),
        ("/v3/schedules", {Name.SCHEDULES, Name.COVERAGE}, "SCH-01"),
        ("/incidents", {Name.INCIDENTS, Name.OPEN_INCIDENTS}, "INC-01"),
        ("*log_entries", {Name.INCIDENTS, Name.OPEN_INCIDENTS}, "INC-01"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_may_not_be_read_is_unknown_and_says_what_it_takes(
    rig: Rig, path: str, names: set[Name], check: str
) -> None:
    rig.sim.faults.lay(Fault(status=403, path=path, count=0))
    rig.collect()
    facts = rig.facts()
    collected = [name for name in Name if name is not Name.ROSTER]
    assert {name for name in collected if not facts.of(name).is_whole} == names
    assert facts.of(min(names)).missing == (Missing(Lack.PERMISSION, needs=_ADMINS),)
    result, sentence = _results(rig)[check]
    assert result is not Result.PASS
    assert "may not read it" in sentence or result is Result.FAIL


def test_an_oauth_token_that_lacks_a_scope_says_which(rig: Rig) -> None:
    body = {
        "error": {"message": "Access Denied", "code": 2010, "required_scopes": "services.read", "token_scopes": "x"}
    }
    rig.sim.faults.lay(Fault(status=403, path="/services", count=0, body=body))
    rig.collect(Name.SERVICES)
    assert rig.facts().services.missing == (Missing(Lack.SCOPE, needs="services.read"),)
    (found,) = [one for one in findings(rig.facts(), Rules(), rig.now) if one.check == "SVC-02"]
    assert found.result is Result.UNKNOWN
    assert "services: the token lacks a scope (services.read)" in found.missing


def test_what_the_plan_has_not_is_not_applicable(rig: Rig) -> None:
    rig.sim.switches.has_teams = rig.sim.switches.has_audit_trail = False
    rig.collect()
    facts = rig.facts()
    assert facts.teams.is_off_plan
    assert facts.audit.is_off_plan
    assert [one for one in Name if facts.of(one).missing and one not in {Name.TEAMS, Name.AUDIT}] == []
    assert _results(rig)["SCH-04"][0] is Result.FAIL  # It can do without teams.


def test_a_key_of_a_team_may_not_read_the_audit_trail_and_the_rest_goes_on(rig: Rig) -> None:
    rig.key = rig.sim.keys.team
    rig.collect(Name.AUDIT, Name.USERS)
    assert rig.facts().audit.missing == (Missing(Lack.PERMISSION, needs=_ADMINS),)
    assert rig.facts().users.is_whole


def test_one_schedule_that_may_not_be_read_is_missing_alone(rig: Rig) -> None:
    one, other = list(rig.sim.account.schedules)[:2]
    rig.sim.faults.lay(Fault(status=403, path=f"/schedules/{one}", count=0))
    rig.sim.faults.lay(Fault(status=404, path=f"/schedules/{other}", count=0))
    rig.collect(Name.SCHEDULES)
    facts = rig.facts()
    assert facts.schedules.missing == (Missing(Lack.PERMISSION, one, _ADMINS),)
    assert {one, other} & {row.id for row in facts.schedules.rows} == set()
    assert len(facts.schedules.rows) == 31


def test_an_account_without_schedules_by_shifts_has_none(rig: Rig) -> None:
    rig.sim.faults.lay(Fault(status=404, path="/v3/schedules", count=0))
    rig.collect(Name.SCHEDULES)
    assert rig.facts().schedules.is_whole


def test_a_429_lets_the_whole_account_rest(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.USERS, Name.TEAMS], since=None, by="ana")
    rig.sim.faults.lay(Fault(status=429, path="/users", count=1, retry_after_s=40))
    assert collector.work(rig.worker)
    assert not collector.work(rig.worker)
    rig.clock.forward(39)
    assert not collector.work(rig.worker)
    rig.clock.forward(2)
    rig.finish()
    assert rig.facts().users.is_whole
    assert rig.last(Name.USERS).requests == 3
    assert (rig.waited, rig.asked_by_path()["/users"]) == ([], 3)


def test_a_429_of_what_has_a_limit_of_its_own_holds_back_nothing_else(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.USERS, Name.ONCALLS], since=None, by="ana")
    rig.sim.faults.lay(Fault(status=429, path="/oncalls", count=1, retry_after_s=40))
    while collector.work(rig.worker):
        pass
    assert [one.dataset for one in rig.under_way()] == [Name.ONCALLS]
    assert rig.facts().users.is_whole
    assert set(rig.asked_apart) == {"", "oncalls"}
    with rig.db.read() as tx:
        told = {one.dataset: one for one in freshness_of(tx, SLUG, rig.now)}
    assert told[Name.ONCALLS].state is State.NEVER
    assert "Rate Limit Exceeded" in told[Name.ONCALLS].why
    assert told[Name.ONCALLS].next_at == rig.now + timedelta(seconds=40)
    rig.finish()
    assert rig.facts().oncalls.is_whole


def test_pagerdutys_own_trouble_is_tried_again_and_then_said(rig: Rig) -> None:
    rig.sim.faults.lay(Fault(status=500, path="/teams", count=2))
    rig.sim.faults.lay(Fault(status=502, path="/users", count=0))
    rig.collect(Name.TEAMS, Name.USERS)
    facts = rig.facts()
    assert facts.teams.is_whole
    assert rig.last(Name.TEAMS).requests == 6 + 2
    assert facts.users.missing == (Missing(Lack.FAILED, needs="PagerDuty answered 502 to /users"),)
    assert rig.asked_by_path()["/users"] == rig.last(Name.USERS).requests == 6


def test_an_answer_that_is_no_json_is_tried_again_and_then_said(rig: Rig) -> None:
    rig.sim.faults.lay(Fault(status=200, path="/users", count=0, shape="html"))
    rig.collect(Name.USERS)
    (missing,) = rig.facts().users.missing
    assert (missing.why, missing.needs) == (Lack.UNREADABLE, "/users: users is no list")


def test_a_key_that_is_refused_has_the_account_diagnosed_and_nothing_is_taken_for_read(rig: Rig) -> None:
    rig.key = "u+nokeyofanybody00000"
    due.ask(rig.db, SLUG, [Name.USERS], since=None, by="ana")
    assert collector.work(rig.worker)
    with rig.db.read() as tx:
        assert SLUG in diagnoses.known(tx)
    (waits,) = rig.under_way()
    assert "answered 401" in waits.detail
    assert rig.facts().users.collected_at is None


def test_it_waits_for_the_budget_in_the_lowest_lane(rig: Rig) -> None:
    """Our own budget refuses before PagerDuty has to, and it is waited for without another request."""
    from syncd.budget.process import ProcessBudget  # noqa: PLC0415  the rest is free
    from syncd.systems.pagerduty import client  # noqa: PLC0415

    tolls = Tolls(ProcessBudget(rig.clock), 60)
    worker = rig.worker
    object.__setattr__(
        worker,
        "http",
        lambda one, _: client.http(
            rig.sim.keys.read_only, "", transport=rig.sim.transport(), toll=tolls.of(one.slug, "pagerduty")
        ),
    )
    due.ask(rig.db, SLUG, [Name.SCHEDULES], since=None, by="ana")
    assert collector.work(worker)
    assert rig.under_way() == []
    assert rig.waited
    assert max(rig.waited) <= 60
    assert rig.last(Name.SCHEDULES).requests == len(rig.asked()) == 79
