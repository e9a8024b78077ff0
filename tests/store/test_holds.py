"""Errands held, let go and hastened: an account at a time, and never more than was meant."""

from __future__ import annotations

from syncd.core.changes import Side
from syncd.store import errands, holds, integrations
from syncd.store.database import Database, Tx
from syncd.store.links import StoredLink
from tests.store.ledger import NOON, SHARD, a_link, an_account, an_errand, heads, later, sent, state_of


def _accounts(tx: Tx) -> tuple[StoredLink, StoredLink]:
    an_account(tx, "pagerduty")
    an_account(tx, "cases", Side.CASE)
    return a_link(tx, 1), a_link(tx, 2)


def test_an_account_that_is_shut_holds_what_waits_for_it_and_nothing_else(db: Database) -> None:
    with db.write() as tx:
        one, two = _accounts(tx)
        waits, out = an_errand(tx, one), an_errand(tx, two)
        an_errand(tx, one, side=Side.CASE)
        sent(tx, out)
        assert [held.id for held in holds.hold_account(tx, "pagerduty", Side.INCIDENT, "disconnected")] == [waits]
        assert holds.hold_account(tx, "elsewhere", Side.INCIDENT, "disconnected") == []
        assert errands.counts(tx) == {"held": 1, "sending": 1, "waiting": 1}


def test_let_go_are_those_that_this_reason_held(db: Database) -> None:
    with db.write() as tx:
        one, two = _accounts(tx)
        mine, paused = an_errand(tx, one, held="disconnected"), an_errand(tx, two, held="paused")
        case = an_errand(tx, one, side=Side.CASE, held="disconnected")
        assert holds.let_go(tx, "pagerduty", Side.INCIDENT, "disconnected", later(9)) == [SHARD]
        assert state_of(tx, one, mine) == "waiting"
        assert state_of(tx, two, paused) == state_of(tx, one, case) == "held"
        assert heads(tx, one, 9) == [mine]


def test_held_by_mistake_they_are_let_go_once_their_account_is_connected(db: Database) -> None:
    with db.write() as tx:
        one, _ = _accounts(tx)
        mine, case = an_errand(tx, one, held="disconnected"), an_errand(tx, one, side=Side.CASE, held="disconnected")
        integrations.disconnect(tx, "cases", code="", reason="", now=NOON, probe_at=NOON)
        assert holds.let_go_of_connected(tx, "disconnected", NOON) == [SHARD]
        assert state_of(tx, one, mine) == "waiting"
        assert state_of(tx, one, case) == "held"


def test_a_lane_is_held_by_itself(db: Database) -> None:
    with db.write() as tx:
        one, two = a_link(tx, 1), a_link(tx, 2)
        number = an_errand(tx, one)
        for link, side in ((one, Side.CASE), (two, Side.INCIDENT)):
            an_errand(tx, link, side=side)
        assert [held.id for held in holds.hold_lane(tx, one.id, Side.INCIDENT, "link_failed")] == [number]


def test_hasten_brings_forward_what_waits_and_the_doubtful_only_so_far(db: Database) -> None:
    with db.write() as tx:
        one, two = _accounts(tx)
        plain, doubtful = an_errand(tx, one), an_errand(tx, two)
        errands.give_back(tx, sent(tx, plain, "t1"), later(3600), is_doubtful=False)
        errands.give_back(tx, sent(tx, doubtful, "t2"), later(3600), is_doubtful=True)
        assert holds.hasten(tx, "pagerduty", Side.INCIDENT, later(1), later(41)) == [SHARD]
        assert heads(tx, one, 1) == [plain]
        assert heads(tx, two, 40) == []
        assert heads(tx, two, 41) == [doubtful]
