"""What became of each check is written down: each day, and whenever it is otherwise; what could not be told ends nothing."""

from __future__ import annotations

from datetime import timedelta

from syncd.evidence.answering import answer, history
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.judging import Result
from syncd.evidence.judged import judged
from syncd.evidence.report.plain import plain
from syncd.store.database import Database
from syncd.store.evidence import acceptances, results
from syncd.store.evidence.acceptances import Wanted
from tests.evidence.account import GOOD, NOW, RULES, dataset, facts, service
from tests.evidence.held import Held, question

BAD = facts(dataset(Name.SERVICES, service(), service("S2", name="Search", policy="")))
HOUR = timedelta(hours=1)


def judge(db: Database, of: Facts, hours: float) -> None:
    judged(db, Held(of), RULES, "acme", NOW + HOUR * hours)


def rows(db: Database, check: str = "SVC-01") -> list[tuple[str, int, int]]:
    with db.read() as tx:
        found = results.between(tx, "acme", NOW - HOUR * 999, NOW + HOUR * 999)
    return [(one.result, one.judged, one.wrong) for one in found if one.check == check]


def since(db: Database, hours: float | None = None) -> dict[str, float]:
    with db.read() as tx:
        found = results.first_seen(tx, "acme", None if hours is None else NOW + HOUR * hours)
    return {subject: (at - NOW) / HOUR for (check, subject), at in found.items() if check == "SVC-01"}


def test_the_same_is_written_once_a_day_and_what_is_otherwise_at_once(db: Database) -> None:
    for hours, of in [(0, GOOD), (1, GOOD), (2, BAD), (3, BAD), (4, GOOD), (12, GOOD), (13, GOOD)]:
        judge(db, of, hours)
    assert rows(db) == [("pass", 2, 0), ("fail", 2, 1), ("pass", 2, 0), ("pass", 2, 0)]
    with db.read() as tx:
        found = results.between(tx, "acme", NOW, NOW + HOUR)
        assert {one.check for one in found} == {one.id for one in CATALOGUE}
        assert results.latest(tx, "acme")["SVC-01"].at == NOW + HOUR * 12
        assert results.latest(tx, "beta") == {}


def test_an_exception_is_known_from_its_first_judging_to_its_last(db: Database) -> None:
    for hours, of in [(0, GOOD), (1, BAD), (2, BAD)]:
        judge(db, of, hours)
    assert since(db) == {"S2": 1}
    judge(db, GOOD, 3)
    assert since(db) == {}
    assert since(db, 2.5) == {"S2": 1}
    judge(db, BAD, 4)
    assert since(db) == {"S2": 4}
    assert since(db, 0.5) == {}


def test_two_who_judge_at_once_are_no_trouble(db: Database) -> None:
    with db.write() as tx:
        for at in (NOW, NOW + HOUR):
            results.came(tx, "acme", {("SVC-01", "S2")}, at)
    assert since(db) == {"S2": 0}


def test_what_could_not_be_told_ends_nothing(db: Database) -> None:
    judge(db, BAD, 0)
    judge(db, Facts(), 1)
    assert rows(db)[-1][0] == "unknown"
    gone = Missing(Lack.FAILED)
    judge(db, facts(dataset(Name.SERVICES, service(), missing=(gone,))), 2)
    assert since(db) == {"S2": 0}
    judge(db, facts(dataset(Name.SERVICES, service())), 3)
    assert since(db) == {}


def test_an_acceptance_is_a_result_of_its_own_and_the_subject_stays_wrong(db: Database) -> None:
    with db.write() as tx:
        acceptances.add(tx, "acme", Wanted("SVC-01", "Ana", NOW + HOUR * 2, "legacy", "S2"), NOW - HOUR)
    for hours in (0, 1, 3):
        judge(db, BAD, hours)
    assert [one[0] for one in rows(db)] == ["accepted", "fail"]
    assert since(db) == {"S2": 0}


def test_a_report_has_strips_and_first_days_from_what_was_written(db: Database) -> None:
    for days, of in [(-5, BAD), (-4, BAD), (-3, GOOD), (-2, Facts()), (-1, BAD)]:
        judge(db, of, days * 24)
    with db.read() as tx:
        found = plain(answer(tx, Held(BAD), question())[1])
        told = history(tx, "acme", NOW)
    (control,) = [one for one in found["controls"] if one["check"] == "SVC-01"]
    assert [one["result"] for one in control["days"]][-6:] == ["fail", "fail", "pass", "unknown", "fail", "fail"]
    assert {one["result"] for one in control["days"][:-6]} == {None}
    (exception,) = [one for one in found["exceptions"] if one["check"] == "SVC-01"]
    assert exception["first_seen"] == "2026-11-16T12:00:00Z"
    assert {one.result for one in told.results} >= {Result.FAIL, Result.PASS}
