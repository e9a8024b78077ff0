"""Errands: at the end of their lane, claimed at its head, settled by whoever holds the token, and kept when held."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Side, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.errors import Conflict
from syncd.store import errands, lanes, lost
from syncd.store.database import Database, Tx
from syncd.store.errands import Begun, Finished, NewErrand
from syncd.store.tables import errands as table
from tests.store.ledger import ANA, NOON, SHARD, a_link, an_errand, heads, later, sent, state_of

# Lanes.


def test_the_head_of_a_lane_is_its_oldest_that_is_not_done(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        first, second = an_errand(tx, link), an_errand(tx, link)
        assert heads(tx, link) == [first]
        errands.finish(tx, [Finished(first, ErrandState.DEAD)])
        assert heads(tx, link) == [second]


def test_each_side_is_a_lane_of_its_own(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        there, here = an_errand(tx, link), an_errand(tx, link, side=Side.CASE)
        assert heads(tx, link) == [there, here]


@pytest.mark.parametrize("blocked_by", ["waiting for later", "sending", "held"])
def test_an_older_live_errand_blocks_its_lane(db: Database, blocked_by: str) -> None:
    with db.write() as tx:
        link = a_link(tx)
        held = "paused" if blocked_by == "held" else ""
        first = an_errand(tx, link, held=held, at=later(60) if blocked_by == "waiting for later" else NOON)
        an_errand(tx, link)
        if blocked_by == "sending":
            sent(tx, first)
        assert heads(tx, link) == []


def test_an_errand_is_not_due_before_its_time(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link, at=later(60))
        assert heads(tx, link, 59) == []
        assert lanes.due_shards(tx, later(59)) == []
        assert heads(tx, link, 60) == [number]
        assert lanes.due_shards(tx, later(60)) == [SHARD]


def _failed(tx: Tx, errand_id: int, times: int, next_at: float) -> None:
    for number in range(times):
        stored = sent(tx, errand_id, token=f"f{number}")
        errands.give_back(tx, stored, later(next_at if number == times - 1 else 0), is_doubtful=False)


@pytest.mark.parametrize(
    ("failures", "kind", "passes"), [(1, "status", False), (2, "status", True), (2, "note", False)]
)
def test_a_status_passes_a_note_that_has_failed_twice(db: Database, failures: int, kind: str, passes: bool) -> None:
    with db.write() as tx:
        link = a_link(tx)
        note = an_errand(tx, link)
        second = an_errand(tx, link, ErrandKind(kind))
        _failed(tx, note, failures, next_at=600)
        assert heads(tx, link) == ([second] if passes else [])


def test_a_status_does_not_pass_a_note_that_is_out(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        note = an_errand(tx, link)
        an_errand(tx, link, ErrandKind.STATUS)
        _failed(tx, note, 2, next_at=0)
        sent(tx, note, token="t3")
        assert heads(tx, link) == []


def test_a_status_passes_no_other_kind(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        first = an_errand(tx, link, ErrandKind.PRIORITY)
        an_errand(tx, link, ErrandKind.STATUS)
        _failed(tx, first, 5, next_at=600)
        assert heads(tx, link) == []


def test_two_of_one_lane_cannot_be_sent_at_once(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        first, second = an_errand(tx, link), an_errand(tx, link)
        sent(tx, first)
    with pytest.raises(IntegrityError), db.write() as tx:
        sent(tx, second, token="t2")


def test_due_links_are_those_with_the_oldest_work_first(db: Database) -> None:
    with db.write() as tx:
        late, early = a_link(tx, 1), a_link(tx, 2)
        an_errand(tx, early)
        an_errand(tx, late)
        assert lanes.due_links(tx, [SHARD], NOON, 10) == [early.id, late.id]
        assert lanes.due_links(tx, [SHARD], NOON, 1) == [early.id]
        assert lanes.due_links(tx, [SHARD + 1], NOON, 10) == []


# Wishes.


def test_of_a_wish_one_waits_and_a_further_one_re_aims_it(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link, ErrandKind.STATUS, arrival_id=7)
        draft = Draft(Side.INCIDENT, ErrandKind.STATUS, Verb.RESOLVE, by=replace(ANA, name="Bo"))
        added = errands.add(tx, NewErrand(link.id, draft, SHARD, later(5), 8, later(4)))
        assert added.id == number
        assert added.replaced is not None
        assert (added.replaced.arrival_id, added.replaced.by_name) == (7, "Ana")
        (row,) = errands.of_link(tx, link.id)
    assert (row["change"], row["by_name"], row["arrival_id"], row["next_at"]) == ("resolve", "Bo", 8, NOON)


@pytest.mark.parametrize("kind", [ErrandKind.NOTE, ErrandKind.CLOSING_NOTE, ErrandKind.LINK])
def test_what_is_no_wish_is_added_each_time(db: Database, kind: ErrandKind) -> None:
    with db.write() as tx:
        link = a_link(tx)
        assert an_errand(tx, link, kind) != an_errand(tx, link, kind)


def test_many_are_added_in_their_order(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
        draft = Draft(Side.CASE, ErrandKind.NOTE, Verb.NOTE, "words")
        rows = [NewErrand(link.id, replace(draft, text=str(n)), SHARD, NOON) for n in range(9) for link in (one, two)]
        errands.add_many(tx, rows)
        for link in (one, two):
            assert [row["text"] for row in errands.of_link(tx, link.id)] == [str(number) for number in range(9)]
        errands.add_many(tx, [])


def test_where_wishes_wait_is_known_for_many_links_at_once(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
        an_errand(tx, one, ErrandKind.STATUS, held="paused")
        an_errand(tx, one)
        sent(tx, an_errand(tx, two, ErrandKind.STATUS))
        an_errand(tx, two, ErrandKind.PRIORITY, Side.CASE)
        assert errands.waiting_wishes(tx, [one.id, two.id]) == {
            (one.id, Side.INCIDENT, ErrandKind.STATUS),
            (two.id, Side.CASE, ErrandKind.PRIORITY),
        }
        assert errands.waiting_wishes(tx, []) == set()


def test_a_wish_that_is_out_does_not_take_a_further_one(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        first = an_errand(tx, link, ErrandKind.STATUS)
        sent(tx, first)
        assert an_errand(tx, link, ErrandKind.STATUS) != first


def test_the_wishes_of_other_fields_and_sides_are_others(db: Database) -> None:
    with db.write() as tx:
        link, other = a_link(tx, 1), a_link(tx, 2)
        numbers = {
            an_errand(tx, link, ErrandKind.STATUS),
            an_errand(tx, link, ErrandKind.PRIORITY),
            an_errand(tx, link, ErrandKind.STATUS, Side.CASE),
            an_errand(tx, other, ErrandKind.STATUS),
        }
    assert len(numbers) == 4


def test_a_second_waiting_wish_is_refused_by_the_table(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        an_errand(tx, link, ErrandKind.STATUS)
        (row,) = errands.of_link(tx, link.id)
    copy = {name: value for name, value in row.items() if name != "id"}
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(insert(table).values(**{**copy, "state": "held", "held_reason": "paused"}))


# Attempts.


def test_an_attempt_is_written_down_before_it_is_made(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        errands.begin(tx, [Begun(number, "t1", {"value": "resolved"})], now=later(1), lease_until=later(36))
        (row,) = errands.of_link(tx, link.id)
        assert (row["state"], row["attempt"], row["token"], row["asked"]) == ("sending", 1, "t1", {"value": "resolved"})
        assert (row["begun_at"], row["first_begun_at"], row["lease_until"]) == (later(1), later(1), later(36))
        errands.give_back(tx, errands.under_way(tx, ["t1"])["t1"], later(2), is_doubtful=False)
        sent(tx, number, token="t2", at=later(3))
        (row,) = errands.of_link(tx, link.id)
    assert (row["attempt"], row["begun_at"], row["first_begun_at"]) == (2, later(3), later(1))


def test_a_call_that_never_left_is_no_attempt(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        assert errands.give_back(tx, sent(tx, number), later(1), is_doubtful=False, is_tried=False)
        (row,) = errands.of_link(tx, link.id)
        assert (row["state"], row["attempt"], row["is_doubtful"]) == ("waiting", 0, False)
        assert heads(tx, link, 1) == [number]


def test_only_what_waits_can_be_begun(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link, held="paused")
        with pytest.raises(Conflict):
            errands.begin(tx, [Begun(number, "t1", None)], now=NOON, lease_until=later(35))
        assert state_of(tx, link, number) == "held"
        assert errands.under_way(tx, ["t1"]) == {}


def test_a_token_is_a_fence(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        first = sent(tx, number, token="t1")
        errands.give_back(tx, first, NOON, is_doubtful=True)
        assert errands.under_way(tx, ["t1"]) == {}
        sent(tx, number, token="t2")
        assert errands.under_way(tx, ["t1", "t2"]).keys() == {"t2"}


def test_an_end_is_an_end(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        sent(tx, number)
        errands.finish(tx, [Finished(number, ErrandState.DELIVERED, "N-1")])
        errands.finish(tx, [Finished(number, ErrandState.DEAD)])
        (row,) = errands.of_link(tx, link.id)
    assert (row["state"], row["far_id"], row["token"], row["lease_until"]) == ("delivered", "N-1", "", None)


def test_what_was_doubtful_stays_so(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        errands.give_back(tx, sent(tx, number, "t1"), NOON, is_doubtful=True)
        errands.give_back(tx, sent(tx, number, "t2"), NOON, is_doubtful=False)
        (row,) = errands.of_link(tx, link.id)
    assert row["is_doubtful"]


@pytest.mark.parametrize("held", ["", "disconnected"])
def test_given_back_while_a_newer_wish_waits_it_ends_and_the_newer_takes_over(db: Database, held: str) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link, ErrandKind.STATUS)
        stored = sent(tx, number)
        newer = an_errand(tx, link, ErrandKind.STATUS)
        assert not errands.give_back(tx, stored, later(40), is_doubtful=True, held=held)
        old, new = errands.of_link(tx, link.id)
    assert (old["id"], old["state"]) == (number, "withdrawn")
    assert (new["id"], new["state"], new["held_reason"]) == (newer, "held" if held else "waiting", held)
    assert (new["next_at"], new["is_doubtful"]) == (later(40), True)


def test_given_back_to_a_shut_account_it_is_held_at_once(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        assert errands.give_back(tx, sent(tx, number), NOON, is_doubtful=False, held="disconnected")
        assert state_of(tx, link, number) == "held"
        assert heads(tx, link) == []


def test_postponed_it_is_due_later_and_no_attempt_is_counted(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        number = an_errand(tx, link)
        errands.postpone(tx, number, later(60))
        assert heads(tx, link, 59) == []
        assert heads(tx, link, 60) == [number]
        assert errands.of_link(tx, link.id)[0]["attempt"] == 0


def test_lost_are_those_whose_lease_ran_out(db: Database) -> None:
    with db.write() as tx:
        link, other = a_link(tx, 1), a_link(tx, 2)
        number = an_errand(tx, link)
        sent(tx, number, "t1")
        sent(tx, an_errand(tx, other), "t2", at=later(30))
        assert lost.attempts(tx, later(35)) == []
        assert [one.id for one in lost.attempts(tx, later(36))] == [number]


# Notes on their way.


def test_notes_in_flight_are_those_whose_id_we_do_not_know(db: Database) -> None:
    with db.write() as tx:
        link, other = a_link(tx, 1), a_link(tx, 2)
        doubtful = an_errand(tx, link)
        errands.give_back(tx, sent(tx, doubtful), NOON, is_doubtful=True)
        an_errand(tx, link)  # Never sent.
        out = an_errand(tx, other)
        sent(tx, out, "t2")
        assert [one.id for one in errands.notes_in_flight(tx, link.id, Side.INCIDENT)] == [doubtful]
        assert [one.id for one in errands.notes_in_flight(tx, other.id, Side.INCIDENT)] == [out]
        assert errands.notes_in_flight(tx, link.id, Side.CASE) == []
        errands.found_standing(tx, doubtful, "N-1")
        assert errands.notes_in_flight(tx, link.id, Side.INCIDENT) == []


# What the table refuses.


@pytest.mark.parametrize(
    "wrong",
    [{"state": "lost"}, {"side": "other"}, {"state": "sending", "token": ""}, {"state": "waiting", "token": "t"}],
    ids=["state", "side", "sending-without-token", "token-without-sending"],
)
def test_illegal_errands_are_refused(db: Database, wrong: dict[str, Any]) -> None:
    with db.write() as tx:
        an_errand(tx, a_link(tx))
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(update(table).values(**wrong))


def test_an_errand_without_a_link_is_refused(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
    with pytest.raises(IntegrityError), db.write() as tx:
        an_errand(tx, replace(link, id=link.id + 1))


def test_counts_and_the_oldest(db: Database) -> None:
    with db.write() as tx:
        assert errands.oldest(tx, errands.LIVE) is None
        link = a_link(tx)
        number = an_errand(tx, link)
        found = errands.oldest(tx, errands.ON_ITS_WAY)
        assert found == errands.Oldest(NOON, number, link.id)
        assert errands.oldest(tx, [ErrandState.HELD]) is None
        errands.finish(tx, [Finished(number, ErrandState.WITHDRAWN)])
        assert errands.oldest(tx, errands.LIVE) is None
        assert errands.counts(tx) == {"withdrawn": 1}
        assert tx.execute(select(table.c.link_id)).scalar_one() == link.id
