"""What is kept of a restored backup, on both databases."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.store import arrivals, errands, gaps, heartbeats, holds, integrations, reconciles
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database
from syncd.store.tables_of_accounts import integrations as table
from tests.store.ledger import NOON, SHARD, a_link, an_account, an_errand, heard, hook, later, sent, state_of

EVENT = "incident.acknowledged"
ANA = Hand("Ana", "api")


def test_the_last_sign_of_life_tells_when_the_backup_was_made(db: Database) -> None:
    with db.write() as tx:
        assert gaps.last_sign_of_life(tx) is None
        heartbeats.beat(tx, "worker", "host:1", later(60))
        heartbeats.beat(tx, "receiver", "host:2", later(90))
        assert gaps.last_sign_of_life(tx) == later(90)


def test_what_lies_there_for_an_account_is_in_doubt_and_nothing_else(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        an_account(tx, "cases", Side.CASE)
        link, other = a_link(tx, 1), a_link(tx, 2)
        note, status = an_errand(tx, link, held="paused"), an_errand(tx, link, ErrandKind.STATUS)
        case, out = an_errand(tx, link, side=Side.CASE), an_errand(tx, other)
        sent(tx, out)
        assert gaps.doubt(tx, "pagerduty", later(46)) == 1
        rows = {row["id"]: row for one in (link, other) for row in errands.of_link(tx, one.id)}
        assert [number for number in (note, status, case, out) if rows[number]["is_doubtful"]] == [note]
        assert (rows[note]["next_at"], rows[note]["state"]) == (later(46), "held")


def test_an_account_is_read_once_its_lists_and_what_they_showed_are(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        assert gaps.is_read(tx, "pagerduty", EVENT)
        reconciles.ask(tx, "pagerduty", NOON, why="restored", by="", now=NOON)
        assert not gaps.is_read(tx, "pagerduty", EVENT)
        (found,) = heard(tx, hook())
        taken = reconciles.take(tx, NOON)
        assert taken is not None
        reconciles.finish(tx, taken, NOON)
        assert not gaps.is_read(tx, "pagerduty", EVENT)
        assert gaps.is_read(tx, "pagerduty", "another")
        arrivals.put_off(tx, found, later(60))
        assert gaps.is_read(tx, "pagerduty", EVENT), "one that cannot be read now keeps only its own link waiting"


def test_a_link_waits_for_both_its_accounts(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        an_account(tx, "cases", Side.CASE)
        link = a_link(tx)
        mine = an_errand(tx, link, held="restored")
        for slug in ("pagerduty", "cases"):
            gaps.begin(tx, slug, NOON, later(3600))
        gaps.end(tx, "pagerduty", later(3601))
        assert holds.let_go_of_read(tx, "restored") == []
        assert state_of(tx, link, mine) == "held"
        gaps.end(tx, "cases", later(3602))
        assert holds.let_go_of_read(tx, "restored") == [SHARD]
        assert state_of(tx, link, mine) == "waiting"


def test_a_link_waits_for_each_record_that_could_not_be_read_as_well_and_others_do_not(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        an_account(tx, "cases", Side.CASE)
        one, two = a_link(tx, 1), a_link(tx, 2)
        mine, other = an_errand(tx, one, held="restored"), an_errand(tx, two, held="restored")
        for slug in ("pagerduty", "cases"):
            gaps.begin(tx, slug, NOON, later(3600))
        asked, _ = heard(
            tx,
            replace(hook(record="C-1", source="cases", at=later(3600)), reconcile_id=1),
            replace(hook(record="I-2", at=later(3800)), reconcile_id=2),  # of a look that came after the gap was read
        )
        heard(tx, hook(at=later(3600)))  # A hook like any other.
        for slug in ("pagerduty", "cases"):
            gaps.end(tx, slug, later(3700))
        assert gaps.unread(tx) == {("cases", "C-1")}
        assert holds.let_go_of_read(tx, "restored") == [SHARD]
        assert (state_of(tx, one, mine), state_of(tx, two, other)) == ("held", "waiting")
        arrivals.planned(tx, [asked])
        assert gaps.unread(tx) == frozenset()
        assert holds.let_go_of_read(tx, "restored") == [SHARD]
        assert state_of(tx, one, mine) == "waiting"


def test_the_gap_of_an_earlier_restore_counts_until_it_was_read(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        gaps.begin(tx, "pagerduty", NOON, later(3600))
        gaps.begin(tx, "pagerduty", later(3700), later(3800))
        gap = integrations.all_of(tx)["pagerduty"].gap
        assert gap is not None
        assert (gap.since, gap.until, gap.is_read) == (NOON, later(3800), False)
        gaps.end(tx, "pagerduty", later(3900))
        gaps.begin(tx, "pagerduty", later(4000), later(4100))
        gap = integrations.all_of(tx)["pagerduty"].gap
        assert gap is not None
        assert gap.since == later(4000)


def test_cases_are_numbered_on_from_where_no_forgotten_one_can_have_been(db: Database) -> None:
    with db.write() as tx:
        an_account(tx, "cases", Side.CASE)
        tx.execute(update(table).values(numbers_from=None))
    cases = Cases(db)
    first = cases.open(NewCase("First"), ANA).case.number
    with db.write() as tx:
        floor = gaps.number_on(tx, "cases")
        assert gaps.number_on(tx, "cases") == floor
    assert floor - first >= 1000
    assert [cases.open(NewCase("Next"), ANA).case.number for _ in range(2)] == [floor, floor + 1]
