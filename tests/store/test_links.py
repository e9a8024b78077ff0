"""Links: both records unique, every save checked against the version that was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.link import FieldConflict, Link, LinkState, Wish
from syncd.errors import Conflict
from syncd.store import links
from syncd.store.database import Database
from syncd.store.links import Saved
from syncd.store.tables import links as table
from tests.store.ledger import NOON, a_link, later


def test_a_link_comes_back_as_it_was_saved(db: Database) -> None:
    with db.write() as tx:
        stored = a_link(tx)
        link = stored.link.saw(Side.CASE, Field.STATUS, Status.RESOLVED, later(0.001))
        link = link.saw(Side.INCIDENT, Field.PRIORITY, "P", None)
        link = link.want(
            Side.INCIDENT,
            Field.STATUS,
            Wish("resolved", "open", Actor("Ana", is_us=True), is_amends=True, earlier=("acknowledged",)),
        )
        saved = links.save(tx, stored, link)
    with db.read() as tx:
        found = links.get(tx, stored.id)
        assert found == saved
        assert found is not None
        assert found.link.known == link.known
        assert found.link.wanted == link.wanted
        assert links.find(tx, "pagerduty", Side.INCIDENT, "I-1") == links.find(tx, "cases", Side.CASE, "C-1") == found
        assert links.find(tx, "other", Side.INCIDENT, "I-1") is None


@pytest.mark.parametrize("reference", ["²", "9" * 30, "C-1\x00", "\ud800", ""])
def test_a_reference_that_names_nothing_finds_nothing(db: Database, reference: str) -> None:
    with db.write() as tx:
        a_link(tx)
        assert links.about(tx, reference) == []


def test_a_conflict_comes_back_as_it_was_saved_and_is_listed_until_it_is_over(db: Database) -> None:
    both = FieldConflict({Side.CASE: "Ana", Side.INCIDENT: ""}, Side.INCIDENT, ("A", "B"), NOON)
    with db.write() as tx:
        stored = a_link(tx)
        a_link(tx, 2)
        stored = links.save(tx, stored, stored.link.in_conflict(Field.PRIORITY, both))
    with db.write() as tx:
        assert links.get(tx, stored.id) == stored
        assert (links.in_conflict(tx, 10), links.count_in_conflict(tx)) == ([stored], 1)
        links.save(tx, stored, stored.link.no_longer_in_conflict(Field.PRIORITY))
        assert (links.in_conflict(tx, 10), links.count_in_conflict(tx)) == ([], 0)


def test_a_save_of_the_release_before_leaves_a_conflict_as_it_is(db: Database) -> None:
    """It saves the columns that it knows."""
    both = FieldConflict({Side.CASE: "Ana"})
    with db.write() as tx:
        stored = a_link(tx)
        stored = links.save(tx, stored, stored.link.in_conflict(Field.PRIORITY, both))
        tx.execute(update(table).where(table.c.id == stored.id).values(is_paused=True, version=9))
        found = links.get(tx, stored.id)
    assert found is not None
    assert found.link.conflicts == {Field.PRIORITY: both}


def test_a_save_on_an_old_version_is_a_conflict_and_changes_nothing(db: Database) -> None:
    with db.write() as tx:
        stored = a_link(tx)
        first = links.save(tx, stored, replace(stored.link, is_paused=True))
        assert first.link.version == stored.link.version + 1
    with pytest.raises(Conflict, match="changed by somebody else"), db.write() as tx:
        links.save(tx, stored, stored.link.saw(Side.CASE, Field.STATUS, "open", None))
    with db.read() as tx:
        assert links.get(tx, stored.id) == first


def test_a_save_without_a_change_is_none(db: Database) -> None:
    with db.write() as tx:
        stored = a_link(tx)
        assert links.save(tx, stored, replace(stored.link)) is stored


def test_what_changed_several_times_is_saved_once_as_it_is_in_the_end(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2, state=LinkState.OPENING)
        paused = replace(one.link, is_paused=True)
        after = links.changed(links.changed(one, paused), replace(paused, case_url="x", version=one.link.version + 1))
        opened = links.changed(two, replace(two.link, state=LinkState.OPEN, incident_id="I-2"))
        links.save_many(tx, [Saved(one, after), Saved(two, opened, later(5))])
        assert links.get(tx, one.id) == after
        assert links.get(tx, two.id) == opened
        assert [row["opened_at"] for row in links.listing(tx)] == [later(5), NOON]
        with pytest.raises(Conflict):
            links.save_many(tx, [Saved(after, links.changed(after, paused)), Saved(two, opened)])


def test_lock_many_takes_those_there_are(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
        assert links.lock_many(tx, [two.id, one.id, 999]) == {one.id: one, two.id: two}
        assert links.lock_many(tx, []) == {}


def test_a_link_another_worker_has_is_left_to_it_when_asked_impatiently(db: Database) -> None:
    if db.is_sqlite:
        pytest.skip("A writing transaction of SQLite is alone.")
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
    with db.write() as mine, db.write() as other:
        links.lock(mine, one.id)
        assert links.lock_many(other, [one.id, two.id], is_patient=False).keys() == {two.id}


def test_a_window_of_hooks_finds_its_links_at_once(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
        opening = a_link(tx, 3, state=LinkState.OPENING)
        wanted = [("pagerduty", "I-1"), ("pagerduty", "I-2"), ("pagerduty", "I-9"), ("other", "I-1"), ("pagerduty", "")]
        assert links.ids_of(tx, Side.INCIDENT, wanted) == {("pagerduty", "I-1"): one.id, ("pagerduty", "I-2"): two.id}
        assert links.ids_of(tx, Side.CASE, [("cases", "C-3")]) == {("cases", "C-3"): opening.id}
        assert links.ids_of(tx, Side.CASE, []) == {}


def test_one_case_one_link(db: Database) -> None:
    with db.write() as tx:
        a_link(tx)
    with pytest.raises(IntegrityError), db.write() as tx:
        links.create(tx, Link("", "cases", "C-1", "pagerduty"), key="other", title="", body="", shard=0, now=NOON)


def test_one_incident_one_link(db: Database) -> None:
    with db.write() as tx:
        a_link(tx, 1)
        other = a_link(tx, 2, state=LinkState.OPENING)
    with pytest.raises(IntegrityError), db.write() as tx:
        links.save(tx, other, replace(other.link, state=LinkState.OPEN, incident_id="I-1"))


def test_links_that_are_opening_do_not_collide(db: Database) -> None:
    with db.write() as tx:
        for number in range(3):
            a_link(tx, number, state=LinkState.OPENING)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "lost"}, {"incident_id": None}, {"state": "opening"}],
    ids=["state", "open-without-incident", "opening-with-incident"],
)
def test_illegal_links_are_refused(db: Database, wrong: dict[str, Any]) -> None:
    with db.write() as tx:
        a_link(tx)
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(update(table).values(**wrong))


def test_why_it_failed_is_kept_for_people(db: Database) -> None:
    with db.write() as tx:
        stored = a_link(tx, state=LinkState.OPENING)
        links.explain(tx, stored.id, "Nobody is on call.")
        found = links.get(tx, stored.id)
    assert found is not None
    assert found.reason == "Nobody is on call."


def test_people_find_a_link_by_whatever_they_have(db: Database) -> None:
    with db.write() as tx:
        one = a_link(tx, 1)
        a_link(tx, 2)
        for reference in ("C-1", "I-1", str(one.id)):
            assert [row["id"] for row in links.about(tx, reference)] == [one.id]
        assert len(links.listing(tx)) == 2
        assert [row["id"] for row in links.listing(tx, case="C-1", state="open")] == [one.id]
        assert links.listing(tx, incident="I-1", state="failed") == []
        assert links.counts(tx) == {"open": 2}
