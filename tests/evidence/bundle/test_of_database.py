"""The snapshots that are kept: whatever somebody with the database does to them is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from syncd.evidence.bundle.chain import of_database
from syncd.evidence.bundle.signing import Signer, read_public
from syncd.evidence.bundle.verifying import Trusted
from syncd.store.database import Database
from syncd.store.evidence import signing_keys, snapshots
from tests.evidence.held import question

from .sealed import maker

_OFF = {
    "sqlite": ("DROP TRIGGER evidence_snapshots_stand", "DROP TRIGGER evidence_snapshots_stay"),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


@pytest.fixture
def three(db: Database) -> Database:
    make = maker(db)
    for _ in range(3):
        make.make(question(), None)
    assert of_database(db)[1] == []
    return db


def behind_its_back(db: Database, statement: str) -> list[str]:
    """As somebody does who may do anything there."""
    with db.write() as tx:
        for one in _OFF[tx.dialect.name]:
            tx.execute(text(one))
        tx.execute(text(statement))
    return [one.sentence for one in of_database(db)[1]]


@pytest.mark.parametrize(
    "statement", ["UPDATE evidence_snapshots SET asked_by = 'Eve'", "DELETE FROM evidence_snapshots"]
)
def test_the_database_itself_refuses_it(three: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="a snapshot of evidence is never changed"), three.write() as tx:
        tx.execute(text(statement))
    assert of_database(three)[1] == []


def test_one_that_was_removed_is_named(three: Database) -> None:
    (told,) = behind_its_back(three, "DELETE FROM evidence_snapshots WHERE number = 2")
    assert told.startswith("Snapshot 2 of acme is missing before snapshot 3 of acme")


def test_the_first_one_too(three: Database) -> None:
    (told,) = behind_its_back(three, "DELETE FROM evidence_snapshots WHERE number = 1")
    assert told.startswith("Snapshot 1 of acme is missing before snapshot 2 of acme")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE evidence_snapshots SET signature = manifest WHERE number = 2", "or its signature, was changed"),
        ("UPDATE evidence_snapshots SET manifest = report WHERE number = 2", "or its signature, was changed"),
        (
            "UPDATE evidence_snapshots SET report = signature WHERE number = 2",
            "the report of snapshot 2 of acme was changed",
        ),
        ("UPDATE evidence_snapshots SET previous = '' WHERE number = 2", "says otherwise than its manifest"),
        ("UPDATE evidence_snapshots SET fingerprint = 'none' WHERE number = 2", "a key that is not kept here"),
        ("UPDATE evidence_snapshots SET asked_by = 'Eve' WHERE number = 2", "its manifest: asked_by"),
        *(
            (
                f"UPDATE evidence_snapshots SET {name} = '2020-01-01 00:00:00+00:00' WHERE number = 2",  # noqa: S608
                f"its manifest: {name}",
            )
            for name in ("made_at", "known_at", "window_start", "window_end")
        ),
    ],
)
def test_one_that_was_changed_is_named_with_what_was(three: Database, statement: str, says: str) -> None:
    assert any(says in one for one in behind_its_back(three, statement))


def test_one_that_was_put_in_anothers_place_does_not_fit(three: Database) -> None:
    behind_its_back(three, "UPDATE evidence_snapshots SET number = 9 WHERE number = 2")
    told = behind_its_back_again(three)
    assert any("Snapshot 2 of acme is missing" in one for one in told)
    assert any("snapshot 9 of acme says otherwise than its manifest" in one for one in told)


def behind_its_back_again(db: Database) -> list[str]:
    return [one.sentence for one in of_database(db)[1]]


def test_only_the_key_that_somebody_has_brought_counts(three: Database) -> None:
    """Whoever can write the database can put another key there, and sign everything anew with it."""
    with three.read() as tx:
        found = snapshots.newest(tx, "acme")
        (kept,) = signing_keys.all_of(tx, signing_keys.SIGNING)
    assert found is not None
    other = Signer.made()
    public = read_public(kept.public_key.encode())
    assert public is not None
    for mine in (Trusted(keys=(public,)), Trusted(fingerprints=(found.fingerprint,))):
        assert of_database(three, "", mine)[1] == []
    for another in (Trusted(keys=(other.public,)), Trusted(fingerprints=(other.fingerprint,))):
        assert {one.kind for one in of_database(three, "", another)[1]} == {"key"}
    told = behind_its_back(three, f"UPDATE evidence_keys SET public_key = '{other.pem}' WHERE kind = 'signing'")  # noqa: S608  our own
    assert all("a key that is not kept here" in one for one in told), "it is not the one of this fingerprint"


def test_a_snapshot_without_names_is_good_as_well(db: Database) -> None:
    maker(db).make(question(), None, hides_names=True)
    assert of_database(db)[1] == []
