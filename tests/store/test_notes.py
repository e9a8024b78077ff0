"""The register of notes: whose each one is, by the id its own system gave it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Side
from syncd.store import notes
from syncd.store.database import Database
from syncd.store.notes import Registered
from tests.store.ledger import NOON, a_link


def test_a_note_is_found_on_its_link_and_side_alone(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
        notes.add(tx, one.id, Side.INCIDENT, "N-1", NOON, arrival_id=5)
        assert notes.find(tx, one.id, Side.INCIDENT, "N-1") == Registered(None, 5)
        assert notes.find(tx, one.id, Side.CASE, "N-1") is None
        assert notes.find(tx, two.id, Side.INCIDENT, "N-1") is None
        assert notes.of_link(tx, one.id, Side.INCIDENT).keys() == {"N-1"}
        assert notes.of_link(tx, two.id, Side.INCIDENT) == {}


def test_a_note_is_registered_once(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        notes.add(tx, link.id, Side.CASE, "N-1", NOON)
    with pytest.raises(IntegrityError), db.write() as tx:
        notes.add(tx, link.id, Side.CASE, "N-1", NOON, errand_id=3)


def test_taken_are_those_that_are_somebodys(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        notes.add(tx, link.id, Side.CASE, "N-1", NOON, errand_id=3)
        notes.add(tx, link.id, Side.CASE, "N-2", NOON, arrival_id=4)
        assert notes.taken(tx, link.id, Side.CASE, ["N-1", "N-2", "N-3"]) == {"N-1", "N-2"}
        assert notes.taken(tx, link.id, Side.CASE, []) == frozenset()


def test_released_are_the_wrong_ones_of_this_errand(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        notes.add(tx, link.id, Side.CASE, "wrong", NOON, errand_id=3, arrival_id=11)
        notes.add(tx, link.id, Side.CASE, "right", NOON, errand_id=3, arrival_id=12)
        notes.add(tx, link.id, Side.CASE, "another's", NOON, errand_id=4, arrival_id=13)
        assert notes.release(tx, 3, keep="right") == [11]
        assert notes.of_link(tx, link.id, Side.CASE).keys() == {"right", "another's"}
