"""USR-01 to USR-05."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.evidence.facts.account import Facts, Seen
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.oncalls import OnCall
from syncd.evidence.facts.policies import Level, Target
from syncd.evidence.facts.teams import Member, Team
from syncd.evidence.facts.users import NotificationRule, User
from syncd.evidence.findings.judging import Result
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from tests.evidence.account import (
    AHEAD,
    GOOD,
    NOW,
    covered,
    dataset,
    facts,
    found,
    not_read,
    policy,
    schedule,
    told,
    user,
)

HIGH, LOW, UNKNOWN = (NotificationRule("phone", urgency) for urgency in ("high", "low", None))


def _users(*some: User) -> Facts:
    """Those in place of the account's own of the same id."""
    named = {one.id for one in some}
    return facts(dataset(Name.USERS, *some, *(one for one in GOOD.users.rows if one.id not in named)))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"contacts": {"phone": 1}}, "1 contact method where there should be 2"),
        ({"contacts": {"email": 2, "sms": 1}}, "no phone or push among them"),
        ({"contacts": {}}, "0 contact methods where there should be 2 and no phone or push among them"),
        ({"notified": (LOW,)}, "no rule that tells of incidents of high urgency"),
        ({"contacts": None, "notified": ()}, "no rule that tells of incidents of high urgency"),
        ({"contacts": {"push": 1, "email": 1}}, ""),
        ({"contacts": {"phone": 2}, "notified": (LOW, HIGH, UNKNOWN)}, ""),
    ],
    ids=["one", "quiet", "none", "low", "partly", "push", "two"],
)
def test_usr_01_somebody_on_call_who_cannot_be_reached(changes: dict[str, object], wrong: str) -> None:
    finding = found("USR-01", _users(user(**changes)))
    assert told(finding) == ({"U1": f"is on call and has {wrong}"} if wrong else {})


@pytest.mark.parametrize(
    "changes",
    [{"contacts": None}, {"notified": None}, {"notified": (LOW, UNKNOWN)}],
    ids=["contacts", "rules", "urgency"],
)
def test_usr_01_what_was_not_read_is_neither_there_nor_missing(changes: dict[str, object]) -> None:
    finding = found("USR-01", _users(user(**changes)))
    assert (finding.result, not_read(finding)) == (Result.UNKNOWN, {"U1"})


def test_usr_01_is_about_those_who_are_on_call_now_or_soon() -> None:
    quiet = {"contacts": {"email": 1}}
    assert set(told(found("USR-01", _users(*(user(f"U{at}", **quiet) for at in (1, 2, 5)))))) == {"U1", "U2"}
    direct = facts(dataset(Name.ONCALLS, OnCall("U5", "EP1", 2)), of=_users(user("U5", **quiet)))
    assert set(told(found("USR-01", direct))) == {"U5"}
    stranger = found("USR-01", facts(dataset(Name.ONCALLS, OnCall("U9", "EP1", 1))))
    assert (stranger.result, not_read(stranger)) == (Result.UNKNOWN, {"U9"})


def test_usr_01_is_unknown_where_coverage_does_not_tell_who_is_on_call() -> None:
    short = covered(window=Span(AHEAD.start, AHEAD.end - timedelta(days=1)))
    for coverage in (dataset(Name.COVERAGE, short), dataset(Name.COVERAGE)):
        assert found("USR-01", facts(coverage)).result is Result.UNKNOWN


def test_usr_02_too_many_admins_and_not_one_owner() -> None:
    def of(admins: int, others: int, owners: int) -> Facts:
        roles = ["admin"] * admins + ["user"] * others + ["owner"] * owners
        return facts(dataset(Name.USERS, *(user(f"U{at}", role=role) for at, role in enumerate(roles))))

    assert found("USR-02", of(5, 0, 1)).result is Result.PASS
    many = told(found("USR-02", of(6, 3, 1)))
    assert list(many) == ["admins"]
    assert many["admins"] == "6 users are Global Admins of 10, where at most 5 should be"
    assert found("USR-02", of(6, 3, 1)).wrong[0].people == tuple(f"U{at}" for at in range(6))
    # Five of a hundred, where that is more.
    assert found("USR-02", of(10, 189, 1)).result is Result.PASS
    assert set(told(found("USR-02", of(11, 189, 1)))) == {"admins"}
    assert told(found("USR-02", of(1, 1, 2))) == {"owner": "2 users are account owners where there should be 1"}
    assert told(found("USR-02", of(1, 1, 0))) == {"owner": "0 users are account owners where there should be 1"}
    assert set(told(found("USR-02", of(2, 0, 1), Rules(admins=1)))) == {"admins"}


def test_usr_03_somebody_who_is_nowhere() -> None:
    lost = user("U9", teams=())
    assert told(found("USR-03", _users(lost))) == {"U9": "is in no team, on no escalation policy and in no schedule"}
    in_team = dataset(Name.TEAMS, Team("T2", "Data", (Member("U9", "responder"),)))
    on_policy = dataset(Name.POLICIES, policy(levels=(Level(30, (Target("U9", is_schedule=False),)),)))
    in_schedule = dataset(Name.SCHEDULES, schedule(users=frozenset({"U9"})))
    for place in (in_team, on_policy, in_schedule):
        assert found("USR-03", facts(place, of=_users(lost))).result is Result.PASS


@pytest.mark.parametrize(
    "unread",
    [
        dataset(Name.TEAMS, Team("T1", "Payments", None)),
        dataset(Name.POLICIES, policy(levels=None)),
        dataset(Name.SCHEDULES, schedule(users=None)),
        dataset(Name.SCHEDULES, schedule(), missing=(Missing(Lack.THROTTLED, "SC2"),)),
    ],
    ids=["members", "levels", "turns", "schedule"],
)
def test_usr_03_may_be_in_what_was_not_read(unread: object) -> None:
    finding = found("USR-03", facts(unread, of=_users(user("U9", teams=()))))  # type: ignore[arg-type]
    assert (finding.wrong, not_read(finding)) == ((), {"U9"})


def test_usr_03_asks_for_no_team_where_the_plan_has_none() -> None:
    no_teams = dataset(Name.TEAMS, collected_at=None, missing=(Missing(Lack.PLAN),))
    finding = found("USR-03", facts(no_teams))
    # U1 to U3 take turns or are called by a policy.
    assert (set(told(finding)), finding.missing) == ({"U4", "U5"}, ())


def test_usr_04_an_invitation_that_nobody_takes_up() -> None:
    invited = _users(user(is_invited=True))
    limit = NOW - timedelta(days=14)
    for since, was_otherwise, result in [
        (limit - timedelta(seconds=1), False, Result.FAIL),
        (limit, True, Result.PASS),
        (limit, False, Result.UNKNOWN),
    ]:
        seen = {"U1": Seen("invited", since, was_otherwise)}
        assert found("USR-04", facts(of=invited, seen=seen)).result is result
    assert found("USR-04", invited).result is Result.UNKNOWN
    assert not_read(found("USR-04", _users(user(is_invited=None)))) == {"U1"}


def test_usr_05_somebody_who_is_not_on_the_list() -> None:
    finding = found("USR-05", _users(user("U8", address="digest-U8"), user("U9", address="")))
    assert (told(finding), not_read(finding)) == ({"U8": "is not on the organisation's list of people"}, {"U9"})


def test_usr_05_is_unknown_without_a_list() -> None:
    nothing = dataset(Name.ROSTER, collected_at=None, missing=(Missing(Lack.NOT_GIVEN, needs="[evidence] roster"),))
    finding = found("USR-05", facts(nothing))
    assert (finding.result, finding.wrong) == (Result.UNKNOWN, ())
    assert "nobody has given it ([evidence] roster)" in finding.sentence


def test_usr_05_doubts_a_list_that_nobody_of_many_is_on() -> None:
    strangers = [user(f"U{number}", address=f"digest-U{number}") for number in range(10, 16)]
    finding = found("USR-05", facts(dataset(Name.USERS, *strangers)))
    assert (finding.result, finding.wrong, len(finding.unread)) == (Result.UNKNOWN, (), 6)
    assert "none of 6 users is on the list of people" in finding.sentence
    finding = found("USR-05", facts(dataset(Name.USERS, *strangers[:5])))
    assert len(finding.wrong) == 5
