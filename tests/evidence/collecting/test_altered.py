"""Rows that somebody has changed in the database: they are named, nothing is judged by them, and nothing is signed."""

from __future__ import annotations

import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from syncd.evidence.answering import Question
from syncd.evidence.bundle.chain import of_database
from syncd.evidence.bundle.making import Maker
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.findings.judging import Result, findings
from syncd.evidence.judged import judged
from syncd.evidence.known import Kept
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.store.evidence import leaving, pages
from syncd.store.tables_of_evidence import evidence_pages
from tests.evidence.collecting.rig import SLUG, Rig, unguarded


def _forge(rig: Rig, name: Name) -> int:
    """A service that is called otherwise in what is kept."""
    number = rig.last(name).id
    with unguarded(rig.db) as tx:
        first = next(pages.of_collection(tx, number))
        mine = (evidence_pages.c.collection == number, evidence_pages.c.number == 1)
        forged = zlib.compress(first.body.replace(b'"name":"', b'"name":"x', 1))
        tx.execute(evidence_pages.update().where(*mine).values(body=forged))
    return number


def test_a_page_that_was_changed_is_named_and_nothing_is_judged_by_it(rig: Rig) -> None:
    rig.collect(Name.SERVICES, Name.USERS)
    number = _forge(rig, Name.SERVICES)
    said = f"page 1 of collecting {number} (GET /services) has another SHA-256 than was kept with it"
    facts = rig.facts()
    assert (facts.services.rows, facts.services.missing) == ((), (Missing(Lack.ALTERED, needs=said),))
    assert facts.users.is_whole
    told = {one.check: one for one in findings(facts, Rules(), rig.now)}
    assert told["SVC-05"].result is Result.UNKNOWN
    assert said in told["SVC-05"].sentence
    assert [one.sentence for one in of_database(rig.db)[1]] == [said]
    rig.collect(Name.SERVICES)
    assert {one.why for one in rig.facts().services.missing} == {Lack.ALTERED}, (
        "it cannot be compared with the time before"
    )
    rig.collect(Name.SERVICES)
    assert rig.facts().services.is_whole


def test_a_page_that_is_gone_is_missed(rig: Rig) -> None:
    rig.collect(Name.USERS)
    with unguarded(rig.db) as tx:
        tx.exec_driver_sql("DELETE FROM evidence_pages WHERE number = 2")
    (missing,) = rig.facts().users.missing
    assert missing.needs == f"of collecting {rig.last(Name.USERS).id} only 1 of the 2 pages that were kept are there"


@pytest.mark.parametrize("name", [Name.SERVICES, Name.INCIDENTS])
def test_nothing_is_signed_of_it(rig: Rig, tmp_path: Path, name: Name) -> None:
    rig.collect(Name.SERVICES, Name.INCIDENTS)
    number = rig.last(name).id
    with unguarded(rig.db) as tx:
        tx.exec_driver_sql(
            f"UPDATE evidence_pages SET sha256 = '{'0' * 64}' WHERE collection = {number} AND number = 1"  # noqa: S608  a number
        )
    question = Question(SLUG, "acme", Span(rig.now - timedelta(days=30), rig.now), Rules(), "ana", rig.now)
    with pytest.raises(pages.Altered, match=rf"page 1 of collecting {number} .*`syncd evidence collect acme`"):
        Maker(rig.db, rig.connections.vault, Kept()).make(question, tmp_path / "acme.zip")
    assert list(tmp_path.glob("*.zip")) == []
    assert Lack.ALTERED in {one.why for one in rig.facts().of(name).missing}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_pages SET body = sha256",
        "DELETE FROM evidence_pages",
        "UPDATE evidence_collections SET missing = '[]'",
        "DELETE FROM evidence_collections",
        "UPDATE evidence_incidents SET is_open = false",
        "DELETE FROM evidence_incidents",
        "UPDATE evidence_results SET result = 'pass'",
        "DELETE FROM evidence_results",
    ],
)
def test_the_database_lets_nothing_be_changed_that_was_collected_or_judged(rig: Rig, statement: str) -> None:
    rig.collect(Name.INCIDENTS)
    judged(rig.db, Kept(), Rules(), SLUG, rig.now)
    if rig.db.engine.dialect.name == "postgresql":
        statement = statement.replace("body = sha256", "request = ''")
    with pytest.raises(DBAPIError, match="is never changed"), rig.db.write() as tx:
        tx.exec_driver_sql(statement)


def test_an_account_that_is_removed_still_leaves_what_was_collected_of_it(rig: Rig) -> None:
    rig.collect(Name.INCIDENTS, Name.USERS)
    with rig.db.write() as tx:
        name = leaving.leave_behind(tx, SLUG)
        assert list(pages.altered(tx, name)) == []
    assert rig.facts().users.collected_at is None
