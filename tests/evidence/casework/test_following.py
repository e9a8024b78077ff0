"""A finding opens one case, says in it what changes, and closes it when its check passes: through repeats and deaths in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from syncd.core.changes import Status, Verb
from syncd.core.routing import OF_EVIDENCE
from syncd.errors import SyncdError
from syncd.evidence.casework.following import follow, key_of
from syncd.evidence.casework.step import Act
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.findings.judging import Acceptance, Finding
from syncd.evidence.rules.values import Rules
from syncd.store import integrations
from syncd.store.case_timeline import CaseFile
from syncd.store.cases import Cases, Hand
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.store.tables import arrivals
from tests.evidence.account import NOW, RULES, dataset, facts, found, policy, schedule, service
from tests.store.payments import add_payments

CHOSEN = replace(RULES, open_cases=("SVC-03", "EP-01"))
ANA = Hand("Ana Lima", "api")


@pytest.fixture
def cases(db: Database) -> Cases:
    add_payments(db)
    return Cases(db, site="http://syncd.test")


@pytest.fixture
def acme(cases: Cases, db: Database) -> Integration:
    with db.read() as tx:
        there = integrations.get(tx, "acme")
    assert there is not None
    return there


def lacking(*services: str) -> Facts:
    """These of five belong to no team."""
    made = [service(one, name=f"Name of {one}", teams=() if one in services else ("T1",)) for one in ALL]
    return facts(dataset(Name.SERVICES, *made))


ALL = ("S1", "S2", "S3", "S4", "S5")


def judged(of: Facts) -> Finding:
    return found("SVC-03", of)


def acts(cases: Cases, acme: Integration, *findings: Finding, rules: Rules = CHOSEN) -> list[Act | None]:
    return [one.act for one in follow(cases, acme, findings, rules)]


def the_case(cases: Cases, acme: Integration) -> CaseFile:
    file = cases.opened_by(key_of(acme, "SVC-03"))
    assert file is not None
    return file


def said(cases: Cases, acme: Integration) -> list[str]:
    return [one.text for one in the_case(cases, acme).comments]


def test_a_check_that_fails_opens_a_case_once_with_all_its_subjects(cases: Cases, acme: Integration) -> None:
    fails = judged(lacking("S1", "S3"))
    assert [acts(cases, acme, fails) for _ in range(3)] == [[Act.OPEN], [], []]
    (case,) = cases.listing({})
    assert case.title == "SVC-03 Services belong to a team: not in acme"
    assert "2 of 5 are not in order." in case.body
    assert "- Name of S1 (S1): it belongs to no team" in case.body
    assert case.body.endswith("Subjects: S1 S3")
    assert (case.connector, case.source, case.priority) == ("", OF_EVIDENCE, "P3")


def test_only_checks_that_were_chosen_open_cases_and_only_when_they_fail(cases: Cases, acme: Integration) -> None:
    fails, unknown = judged(lacking("S1")), judged(facts(dataset(Name.SERVICES, collected_at=None)))
    assert acts(cases, acme, fails, rules=RULES) == []
    assert acts(cases, acme, unknown, judged(lacking())) == []
    assert cases.listing({}) == ()


def test_subjects_that_come_and_go_are_said_once(cases: Cases, acme: Integration) -> None:
    acts(cases, acme, judged(lacking("S1", "S3")))
    now = judged(lacking("S3", "S4"))
    assert [acts(cases, acme, now) for _ in range(2)] == [[Act.COMMENT], []]
    (text,) = said(cases, acme)
    assert text.splitlines()[0] == "SVC-03 fails: 2 of 5 are not in order."
    assert "New (1 subject):\n- Name of S4 (S4): it belongs to no team" in text
    assert "Not among them any more (in order, accepted or gone): S1." in text
    back = judged(lacking("S1", "S3"))
    assert [acts(cases, acme, back) for _ in range(2)] == [[Act.COMMENT], []], "what was said before is said again"


def test_a_check_that_passes_closes_its_case_and_one_that_fails_again_reopens_it(
    cases: Cases, acme: Integration
) -> None:
    fails, passes = judged(lacking("S1")), judged(lacking())
    done = [acts(cases, acme, one) for one in (fails, passes, passes, fails, fails, passes)]
    assert done == [[Act.OPEN], [Act.CLOSE], [], [Act.REOPEN], [], [Act.CLOSE]]
    file = the_case(cases, acme)
    assert file.case.status is Status.CLOSED
    kinds = [one.kind for one in file.timeline]
    assert kinds == [Verb.OPEN, Verb.NOTE, Verb.CLOSE, Verb.NOTE, Verb.REOPEN, Verb.NOTE, Verb.CLOSE]
    assert said(cases, acme)[0] == "SVC-03 passes: All 5 are in order. This case is closed by that."
    assert len(cases.listing({})) == 1


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(facts(dataset(Name.SERVICES, collected_at=None)), id="not collected"),
        pytest.param(facts(dataset(Name.SERVICES, missing=(Missing(Lack.HIDDEN),))), id="a key that sees some teams"),
    ],
)
def test_what_is_not_known_closes_nothing(cases: Cases, acme: Integration, unknown: Facts) -> None:
    acts(cases, acme, judged(lacking("S1")))
    assert acts(cases, acme, judged(unknown)) == []
    assert the_case(cases, acme).case.status is Status.OPEN


def test_a_subject_that_could_not_be_read_is_not_said_to_be_in_order(cases: Cases, acme: Integration) -> None:
    acts(cases, acme, judged(lacking("S1", "S3")))
    partly = dataset(
        Name.SERVICES, service("S3", teams=()), service("S4", teams=()), missing=(Missing(Lack.UNREADABLE, "S1"),)
    )
    assert acts(cases, acme, judged(facts(partly))) == [Act.COMMENT]
    (text,) = said(cases, acme)
    assert "any more" not in text
    assert text.endswith("Subjects: S1 S3 S4")


def test_whoever_closes_it_while_the_check_fails_has_decided_so_until_something_else_fails(
    cases: Cases, acme: Integration
) -> None:
    acts(cases, acme, judged(lacking("S1", "S2")))
    key = the_case(cases, acme).case.key
    cases.close(key, ANA)
    assert acts(cases, acme, judged(lacking("S1", "S2"))) == []
    assert acts(cases, acme, judged(lacking("S1"))) == [Act.COMMENT], "fewer: said, and left closed"
    assert cases.get(key).status is Status.CLOSED
    assert acts(cases, acme, judged(lacking("S1", "S5"))) == [Act.REOPEN]
    assert cases.get(key).status is Status.OPEN


def test_a_case_that_a_person_reopens_after_a_pass_stays_open(cases: Cases, acme: Integration) -> None:
    acts(cases, acme, judged(lacking("S1")))
    acts(cases, acme, judged(lacking()))
    key = the_case(cases, acme).case.key
    cases.reopen(key, ANA)
    assert acts(cases, acme, judged(lacking())) == []
    assert cases.get(key).status is Status.OPEN


def test_somebody_at_work_on_it_is_not_disturbed_by_a_reopening(cases: Cases, acme: Integration) -> None:
    acts(cases, acme, judged(lacking("S1")))
    key = the_case(cases, acme).case.key
    cases.acknowledge(key, ANA)
    assert acts(cases, acme, judged(lacking("S1", "S2"))) == [Act.COMMENT]
    assert cases.get(key).status is Status.ACKNOWLEDGED


def test_what_is_accepted_is_said_and_the_case_stays_as_it_is(cases: Cases, acme: Integration) -> None:
    acts(cases, acme, judged(lacking("S1")))
    accepted = Acceptance("SVC-03", "Eve", NOW + timedelta(days=30), "The team is being made.")
    finding = found("SVC-03", lacking("S1"), accepted=(accepted,))
    assert [acts(cases, acme, finding) for _ in range(2)] == [[Act.COMMENT], []]
    (text,) = said(cases, acme)
    assert "By Eve until 2026-12-17 12:00 UTC: The team is being made." in text
    assert the_case(cases, acme).case.status is Status.OPEN
    assert acts(cases, acme, judged(lacking("S1"))) == [Act.COMMENT], "the acceptance ran out"


def test_nothing_left_to_judge_is_a_persons_to_decide(cases: Cases, acme: Integration) -> None:
    rules = replace(CHOSEN, open_cases=("EP-01",))
    follow(cases, acme, [found("EP-01", facts(dataset(Name.POLICIES, policy(levels=()))))], rules)
    none = found("EP-01", facts(dataset(Name.POLICIES)))
    assert [one.act for one in follow(cases, acme, [none], rules)] == [Act.COMMENT]
    (case,) = cases.listing({})
    assert case.status is Status.OPEN


def test_its_connector_may_be_named_and_one_that_is_not_there_is_told(cases: Cases, acme: Integration) -> None:
    fails = judged(lacking("S1"))
    (told,) = follow(cases, acme, [fails], replace(CHOSEN, case_connector="paymets"))
    assert (told.act, told.case) == (None, "")
    assert told.trouble.startswith("No case is opened for SVC-03: There is no connector 'paymets' for these cases")
    follow(cases, acme, [fails], replace(CHOSEN, case_connector="payments"))
    assert the_case(cases, acme).case.connector == "payments"


def test_another_account_of_the_same_name_has_cases_of_its_own(cases: Cases, acme: Integration) -> None:
    assert acme.created_at is not None
    other = replace(acme, created_at=acme.created_at + timedelta(days=1))
    assert [acts(cases, one, judged(lacking("S1"))) for one in (acme, other)] == [[Act.OPEN], [Act.OPEN]]


def test_two_who_come_at_once_open_and_say_everything_once(cases: Cases, acme: Integration) -> None:
    at_once(lambda: acts(cases, acme, judged(lacking("S1"))))
    at_once(lambda: acts(cases, acme, judged(lacking("S1", "S2"))))
    at_once(lambda: acts(cases, acme, judged(lacking())))
    kinds = [one.kind for one in the_case(cases, acme).timeline]
    assert kinds == [Verb.OPEN, Verb.NOTE, Verb.NOTE, Verb.CLOSE]
    assert len(cases.listing({})) == 1


def at_once(act: Callable[[], object]) -> None:
    threads = [threading.Thread(target=act) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@pytest.mark.parametrize("dies_at", range(1, 12))
def test_whoever_is_killed_anywhere_in_between_is_made_good(
    cases: Cases, acme: Integration, db: Database, dies_at: int
) -> None:
    """At each statement of the story; the next judging goes on from whatever was committed."""
    left = [dies_at]

    def dying(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OperationalError("killed", {}, Exception("killed"))

    story = [judged(lacking("S1")), judged(lacking("S1", "S2")), judged(lacking())]
    for finding in story:
        event.listen(db.engine, "before_cursor_execute", dying)
        try:
            acts(cases, acme, finding)
        except (SyncdError, OperationalError):
            pass
        finally:
            event.remove(db.engine, "before_cursor_execute", dying)
        acts(cases, acme, finding)
    kinds = [one.kind for one in the_case(cases, acme).timeline]
    assert kinds == [Verb.OPEN, Verb.NOTE, Verb.NOTE, Verb.CLOSE]


def test_what_is_said_reaches_a_linked_incident_like_any_other_comment(
    cases: Cases, acme: Integration, db: Database
) -> None:
    acts(cases, acme, judged(lacking("S1")))
    acts(cases, acme, judged(lacking()))
    with db.read() as tx:
        told = [one.event_type for one in tx.execute(select(arrivals).order_by(arrivals.c.id))]
    assert told == ["case.opened", "case.commented", "case.closed"]


def test_a_schedule_is_no_subject_of_another_check(cases: Cases, acme: Integration) -> None:
    """A check's own subjects are named, also where their names have spaces."""
    rules = replace(CHOSEN, open_cases=("SCH-03",))
    follow(cases, acme, [found("SCH-03", facts(dataset(Name.SCHEDULES, schedule(turns=0))))], rules)
    (case,) = cases.listing({})
    assert case.body.endswith("Subjects: SC1")
