"""EP-01 to EP-04."""

from __future__ import annotations

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.policies import Level, Target
from syncd.evidence.findings.judging import Result
from syncd.evidence.rules.values import Rules
from tests.evidence.account import dataset, facts, found, not_read, policy, schedule, service, told

NOBODY = Level(30, ())


def _level(*targets: str) -> Level:
    return Level(30, tuple(Target(one, is_schedule=one.startswith("SC")) for one in targets))


def test_ep_01_a_policy_that_calls_nobody() -> None:
    some = dataset(
        Name.POLICIES,
        policy(),
        policy("EP2", levels=()),
        policy("EP3", levels=(NOBODY,)),
        policy("EP4", levels=(NOBODY, _level("U1"))),
        policy("EP5", levels=None),
    )
    finding = found("EP-01", facts(some))
    assert (set(told(finding)), not_read(finding)) == ({"EP2", "EP3"}, {"EP5"})


def test_ep_02_levels_with_different_people() -> None:
    some = dataset(
        Name.POLICIES,
        policy("EP1", levels=(_level("U1"),)),
        policy("EP2", levels=(_level("U1"), NOBODY)),
        policy("EP3", levels=(_level("U1"), _level("U1"))),
        policy("EP4", levels=(_level("U1"), _level("U1", "U2"))),
        policy("EP5", levels=(_level("SC1"), _level("U2"))),  # who takes turns at the first level as well
        policy("EP6", levels=(_level("SC1"), _level("U1"), _level("U3"))),
        policy("EP7", levels=(_level("SC9"), _level("U1"))),
        policy("EP8", levels=(_level("U1"), _level("SC9"))),
        policy("EP9", levels=None),
        policy("EP10", levels=()),
    )
    finding = found("EP-02", facts(some))
    assert told(finding) == {
        "EP1": "it has 1 level where there should be 2",
        "EP2": "it has 1 level where there should be 2",
        "EP3": "its later levels call the same people as its first",
        "EP5": "its later levels call the same people as its first",
        "EP10": "it has 0 levels where there should be 2",
    }
    assert not_read(finding) == {"EP7", "EP8", "EP9"}


def test_ep_02_one_level_may_be_enough() -> None:
    some = facts(dataset(Name.POLICIES, policy("EP1", levels=(_level("U1"),))))
    assert found("EP-02", some, Rules(levels=1)).result is Result.PASS
    assert set(told(found("EP-02", some, Rules(levels=3)))) == {"EP1"}


def test_ep_03_an_escalation_that_runs_out() -> None:
    some = dataset(
        Name.POLICIES,
        policy("EP1", loops=0, levels=(_level("SC1"), _level("U1"))),
        policy("EP2", loops=1, levels=(_level("SC1"), _level("U1"))),
        policy("EP3", loops=0, levels=(_level("U1"), _level("SC1", "U2"))),
        policy("EP4", loops=None, levels=(_level("U1"),)),
        policy("EP5", loops=None, levels=(_level("SC1"),)),
        policy("EP6", loops=0, levels=None),
        policy("EP7", loops=2, levels=None),
    )
    finding = found("EP-03", facts(some))
    assert (set(told(finding)), not_read(finding)) == ({"EP1"}, {"EP4", "EP6"})
    assert "EP2" in told(found("EP-03", facts(some), Rules(loops=2)))


def test_ep_04_a_policy_that_no_service_uses() -> None:
    unused = policy("EP2", services=())
    some = dataset(Name.POLICIES, policy(services=()), unused, policy("EP3", services=("S9",)))
    assert told(found("EP-04", facts(some))) == {"EP2": "no service uses it"}
    # One of the services that were not read may use it.
    for services in (
        dataset(Name.SERVICES, service(), missing=(Missing(Lack.HIDDEN),)),
        dataset(Name.SERVICES, service(), service("S2", policy=None)),
    ):
        finding = found("EP-04", facts(some, services))
        assert (finding.result, not_read(finding)) == (Result.UNKNOWN, {"EP2"})


def test_a_schedule_whose_people_were_not_read_is_not_one_without() -> None:
    some = facts(dataset(Name.SCHEDULES, schedule(users=None)))
    assert found("EP-02", some).result is Result.UNKNOWN
