"""Acceptances: somebody's decision with a reason and an end, on record for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.evidence.accepting import accept, listing, state_of, withdraw
from syncd.evidence.answering import accepted
from syncd.evidence.desk import Desk
from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.store.database import Database
from syncd.store.evidence import acceptances
from syncd.store.evidence.acceptances import Wanted
from tests.evidence.account import NOW, RULES, dataset, facts, service
from tests.evidence.held import Held

DAY = timedelta(days=1)


def wanted(db: Database, **changes: object) -> Wanted:
    with db.read() as tx:
        until = db.now(tx) + DAY
    said = {"check": "svc-05", "by": "Ana", "until": until, "why": " it is a legacy ", "subject": "S2", **changes}
    return Wanted(**said)  # type: ignore[arg-type]


TWO = facts(dataset(Name.SERVICES, service("S1"), service("S2", name="Search")))


def desk(db: Database, of: Facts = TWO) -> Desk:
    """As if it were collected at this moment."""
    with db.read() as tx:
        now = db.now(tx)
    fresh = {FIELDS[name]: replace(of.of(name), collected_at=now) for name in Name}
    return Desk(db, RULES, known=Held(replace(of, **fresh)))  # type: ignore[arg-type]  # each is of its own field


def test_it_is_kept_with_who_until_when_and_why(db: Database) -> None:
    taken = accept(desk(db), "acme", wanted(db))
    one = taken.acceptance
    assert (one.check, one.subject, one.by, one.why, taken.is_found) == ("SVC-05", "S2", "Ana", "it is a legacy", False)
    assert listing(db, "acme") == [one]
    assert listing(db, "beta") == []
    assert state_of(one, one.at) == "standing"
    assert state_of(one, one.until) == "over"
    with db.read() as tx:
        (told,) = accepted(tx, "acme", one.at)
        assert accepted(tx, "acme", one.at - DAY) == ()
    assert (told.check, told.subject, told.until) == ("SVC-05", "S2", one.until)


def test_it_is_said_whether_the_check_finds_that_subject(db: Database) -> None:
    of = facts(dataset(Name.SERVICES, service("S1"), service("S2", policy="")))
    for subject, is_found in (("S2", True), ("S1", False), ("", True)):
        taken = accept(desk(db, of), "acme", wanted(db, check="SVC-01", subject=subject))
        assert (taken.is_found, taken.mind == "") == (is_found, is_found)
    told = accept(desk(db), "acme", wanted(db)).mind
    assert told == "By what is known, SVC-05 finds nothing wrong with S2; it is accepted beforehand."


def test_what_cannot_be_told_is_not_told_as_in_order(db: Database) -> None:
    untold = facts(dataset(Name.SERVICES, service("S2", acknowledgement_s=None)))
    taken = accept(desk(db, untold), "acme", wanted(db))
    assert not taken.is_found
    assert taken.mind.startswith("What SVC-05 finds of S2 is not known (")
    lacking = facts(dataset(Name.SERVICES, service("S1"), missing=(Missing(Lack.HIDDEN),)))
    for subject in ("S9", ""):
        mind = accept(desk(db, lacking), "acme", wanted(db, subject=subject)).mind
        assert "is not known (It cannot be told: services: the key sees only the teams" in mind


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("S22", r"did you mean S2 \(Search\)\?"),
        ("serch", r"did you mean S2 \(Search\)\?"),
        (
            "PNOWHERE",
            r"PNOWHERE is not among what SVC-05 is asked of in acme \(2 were collected\)\. `syncd evidence report",
        ),
    ],
)
def test_what_is_not_there_is_not_accepted_and_near_ones_are_named(db: Database, subject: str, says: str) -> None:
    with pytest.raises(NotFound, match=says):
        accept(desk(db), "acme", wanted(db, subject=subject))
    assert listing(db) == []


def test_it_is_withdrawn_once_and_stays_on_record(db: Database) -> None:
    first = accept(desk(db), "acme", wanted(db)).acceptance
    gone = withdraw(db, first.id, "Ben")
    assert (gone.withdrawn_by, gone.why, state_of(gone, first.at)) == ("Ben", first.why, "withdrawn")
    with pytest.raises(Conflict, match="was withdrawn by Ben already"):
        withdraw(db, first.id, "Eve")
    with pytest.raises(NotFound, match="There is no acceptance 99"):
        withdraw(db, 99, "Ben")
    assert gone.withdrawn_at is not None
    with db.read() as tx:
        assert accepted(tx, "acme", gone.withdrawn_at) == ()
        before = acceptances.standing(tx, "acme", gone.withdrawn_at - timedelta(microseconds=1))
    assert [one.id for one in before] == ([first.id] if first.at < gone.withdrawn_at else [])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"why": "  "}, "--why is empty"),
        ({"until": NOW - 9999 * DAY}, "UTC; name a time that is still to come, like 20"),
        ({"check": "SVC-1"}, "SVC-1 is no check, did you mean SVC-01?"),
        ({"check": "nothing"}, "nothing is no check; there are SVC-01"),
    ],
)
def test_what_is_no_acceptance_is_refused(db: Database, changes: dict[str, object], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        accept(desk(db), "acme", wanted(db, **changes))
    assert listing(db) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_acceptances SET why = 'other'",
        "UPDATE evidence_acceptances SET accepted_by = 'Eve'",
        "UPDATE evidence_acceptances SET until = accepted_at",
        "UPDATE evidence_acceptances SET withdrawn_by = 'Eve' WHERE withdrawn_at IS NOT NULL",
        "DELETE FROM evidence_acceptances",
    ],
)
def test_the_database_itself_changes_none(db: Database, statement: str) -> None:
    withdraw(db, accept(desk(db), "acme", wanted(db)).acceptance.id, "Ben")
    with pytest.raises(DBAPIError, match="an acceptance is never changed, but withdrawn once"), db.write() as tx:
        tx.execute(text(statement))
