"""What nobody told us of is found in lists, read like any other hint, and ends as it would have without the gap."""

from __future__ import annotations

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd import errors
from syncd.clock import StoppedClock
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.lifecycle import IntegrationState
from syncd.flow import accounts
from syncd.flow.catchup import reconcile
from syncd.flow.look import RECONCILE
from syncd.store import reconciles
from tests.flow.catcher import Catcher, open_incidents
from tests.flow.far_side import ANA, US
from tests.flow.world import CASES, PAGERDUTY, World, work

BEN = Actor("Ben")


def _reads(world: World) -> list[str]:
    return [call.op for call in world.incident.calls if call.op not in {"standing", "changed"}]


def test_everything_that_was_missed_is_found_and_carried_on_once(world: World, catcher: Catcher) -> None:
    one, two, three, four = open_incidents(world, 4)
    since = world.clock.now()
    world.incident.set(one, Field.STATUS, Status.ACKNOWLEDGED)
    world.incident.note(one, "seen", BEN)
    world.incident.note(one, "mended", BEN)
    world.incident.set(two, Field.PRIORITY, "HIGH")
    world.incident.set(three, Field.STATUS, Status.RESOLVED)
    world.clock.forward(timedelta(hours=72))
    done = catcher.catch_up(since)
    assert (done["state"], done["found"], done["differences"], done["detail"]) == ("done", 3, 5, "")
    assert [world.case.record(f"C-{number}").status for number in (1, 2, 3, 4)] == [
        Status.ACKNOWLEDGED,
        Status.OPEN,
        Status.RESOLVED,
        Status.OPEN,
    ]
    assert world.case.record("C-2").priority in {"P1", "P2"}
    assert world.case.texts("C-1") == ["seen", "mended"]
    assert four not in {call.ref for call in world.incident.calls if call.op == "fetch"}
    world.forget()
    catcher.catch_up(since)
    assert world.case.writes() == world.incident.writes() == []


def test_where_nothing_changed_only_the_lists_are_asked_for(world: World, catcher: Catcher) -> None:
    open_incidents(world, 4)
    world.clock.forward(timedelta(hours=1))
    done = catcher.catch_up(world.clock.now() - timedelta(minutes=10))
    assert _reads(world) == []
    assert (done["found"], done["differences"], done["requests"]) == (
        0,
        0,
        3,
    )  # two pages of what is open, one of what has changed
    assert world.said() == []


def test_a_deep_look_reads_each_record_once_and_finds_nothing_where_nothing_differs(
    world: World, catcher: Catcher
) -> None:
    refs = open_incidents(world, 3)
    for ref in refs:
        world.comment(Side.INCIDENT, ref, "told", BEN)
    world.act(Side.INCIDENT, refs[0], Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    world.wait(600)
    world.forget()
    done = catcher.catch_up(world.clock.now() - timedelta(hours=1), is_deep=True)
    assert (done["found"], done["differences"]) == (3, 0)
    assert [call.op for call in world.incident.calls].count("fetch") == 3
    world.incident.note(refs[1], "not told", BEN)
    assert catcher.catch_up(world.clock.now() - timedelta(hours=1), is_deep=True)["differences"] == 1


def test_what_both_sides_have_come_to_say_by_themselves_is_no_difference(world: World, catcher: Catcher) -> None:
    (one,) = open_incidents(world, 1)
    world.incident.set(one, Field.STATUS, Status.ACKNOWLEDGED)
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    done = catcher.catch_up(world.clock.now() - timedelta(minutes=5))
    assert (done["found"], done["differences"]) == (1, 0)


def test_an_incident_that_is_open_no_more_is_read(world: World, catcher: Catcher) -> None:
    (one,) = open_incidents(world, 1)
    world.incident.set(one, Field.STATUS, Status.RESOLVED)
    world.clock.forward(timedelta(hours=1))
    catcher.catch_up(world.clock.now() - timedelta(minutes=10))  # Its change is older than what was asked for.
    assert world.in_step("C-1").status == Status.RESOLVED


def test_one_that_was_reopened_is_found_though_we_believed_it_over(world: World, catcher: Catcher) -> None:
    (one,) = open_incidents(world, 1)
    world.act(Side.INCIDENT, one, Field.STATUS, Status.RESOLVED)
    world.drain()
    world.incident.set(one, Field.STATUS, Status.OPEN)
    catcher.catch_up(world.clock.now() - timedelta(minutes=10))
    assert world.in_step("C-1").status == Status.OPEN


def test_records_of_nobody_here_are_left_alone(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    world.incident.put("I-77")
    world.incident.note("I-77", "not ours", BEN)
    catcher.catch_up(world.clock.now() - timedelta(minutes=5))
    assert _reads(world) == []


def test_what_was_found_says_where_it_comes_from(world: World, catcher: Catcher) -> None:
    (one,) = open_incidents(world, 1)
    world.incident.set(one, Field.STATUS, Status.ACKNOWLEDGED)
    world.incident.set(one, Field.STATUS, Status.OPEN)
    catcher.catch_up(world.clock.now() - timedelta(minutes=5))
    assert world.said() == [(RECONCILE, "suppressed", "unchanged")]


def test_our_own_notes_are_not_taken_for_news(world: World, catcher: Catcher) -> None:
    (one,) = open_incidents(world, 1)
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    world.incident.note(one, "seen", BEN)
    catcher.catch_up(world.clock.now() - timedelta(minutes=5))
    assert world.case.texts("C-1") == ["one", "seen"]
    assert world.incident.texts(one) == ["Ana (case): one", "seen"]


def test_a_short_pause_is_waited_for_and_a_long_one_left_to_later(world: World, catcher: Catcher) -> None:
    refs = open_incidents(world, 6)
    for ref in refs:
        world.incident.note(ref, "seen", BEN)
    since = world.clock.now() - timedelta(minutes=5)
    world.incident.fail("standing", errors.RateLimited("Slow down.", retry_after=7))
    catcher.ask(since)
    world.incident.meanwhile["changed"] = lambda: world.incident.fail(
        "changed", errors.RateLimited("Slow down.", retry_after=400)
    )
    assert reconcile.work(catcher.worker)
    assert catcher.waited == [7]
    assert (catcher.last()["state"], catcher.last()["detail"]) == ("waiting", "Slow down.")
    assert not reconcile.work(catcher.worker)
    world.clock.forward(400)
    assert reconcile.work(catcher.worker)
    world.drain()
    assert catcher.last()["state"] == "done"
    assert [world.case.texts(f"C-{number}") for number in range(1, 7)] == [["seen"]] * 6


def test_a_host_whose_clock_is_off_puts_off_by_the_clock_that_all_share(world: World, catcher: Catcher) -> None:
    """On PostgreSQL the database's clock says what is due."""
    open_incidents(world, 1)
    catcher.ask(world.clock.now() - timedelta(minutes=5))
    world.incident.fail("standing", errors.RateLimited("Slow down.", retry_after=400))
    host = StoppedClock(world.clock.now() - timedelta(minutes=5))
    assert reconcile.work(replace(catcher.worker, clock=host))
    assert catcher.last()["next_at"] >= world.clock.now() + timedelta(seconds=399)


def test_one_that_was_left_in_the_middle_goes_on_where_it_was(world: World, catcher: Catcher) -> None:
    refs = open_incidents(world, 6)
    for ref in refs:
        world.incident.note(ref, "seen", BEN)
    catcher.ask(world.clock.now() - timedelta(minutes=5))
    world.incident.meanwhile["changed"] = lambda: None

    def dies() -> None:
        message = "the worker is gone"
        raise SystemExit(message)

    def later() -> None:
        world.incident.meanwhile["changed"] = dies

    world.incident.meanwhile["changed"] = later  # at its first page; it dies at its second
    with pytest.raises(SystemExit):
        reconcile.work(catcher.worker)
    assert catcher.last()["state"] == "running"
    assert not reconcile.work(catcher.worker)
    world.clock.forward(reconciles.LEASE + timedelta(seconds=1))
    world.incident.calls.clear()
    assert reconcile.work(catcher.worker)
    assert [call.ref for call in world.incident.calls if call.op in {"standing", "changed"}] == ["2", "4"]
    work(world.crew, ())
    world.drain()
    assert [world.case.texts(f"C-{number}") for number in range(1, 7)] == [["seen"]] * 6


def test_one_that_waits_for_its_budget_stays_one_workers_own_and_is_put_off_after_two_waits(
    world: World, catcher: Catcher
) -> None:
    open_incidents(world, 1)
    taken: list[object] = []

    def wait(seconds: float) -> bool:
        world.clock.forward(seconds)
        with world.db.write() as tx:
            taken.append(reconciles.take(tx, world.db.now(tx)))
        return False

    world.incident.fail("standing", errors.RateLimited("The budget is spent.", retry_after=50), times=3)
    world.incident.fail("changed", errors.RateLimited("The budget is spent.", retry_after=50), times=2)
    catcher.ask(world.clock.now())
    worker = replace(catcher.worker, wait=wait)
    assert reconcile.work(worker)
    assert taken == [None] * 2
    assert (catcher.last()["state"], catcher.last()["detail"]) == ("waiting", "The budget is spent.")
    world.clock.forward(50)
    assert reconcile.work(worker)
    assert taken == [None] * 4
    assert catcher.last()["state"] == "done"


@pytest.mark.parametrize("end", [None, errors.Unreachable("Away."), errors.RateLimited("Slow down.", retry_after=7)])
def test_who_has_lost_a_reconcile_to_another_changes_nothing_of_it(
    world: World, catcher: Catcher, end: errors.SideError | None
) -> None:
    open_incidents(world, 1)
    since = world.clock.now() - timedelta(minutes=5)
    others: list[object] = []

    def hang() -> None:
        world.clock.forward(reconciles.LEASE + timedelta(seconds=1))
        with world.db.write() as tx:
            others.append(reconciles.take(tx, world.db.now(tx)))
        others.append(catcher.last())

    world.incident.meanwhile["changed"] = hang
    if end is not None:
        world.incident.fail("changed", end)
    catcher.ask(since)
    assert reconcile.work(catcher.worker)
    assert others[0] is not None
    assert catcher.last() == others[1]


def test_an_account_that_cannot_be_reached_is_asked_again_later(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    world.incident.fail("standing", errors.Unreachable("The connection was refused."))
    catcher.ask(world.clock.now())
    assert reconcile.work(catcher.worker)
    waiting = catcher.last()
    assert (waiting["state"], waiting["detail"]) == ("waiting", "The connection was refused.")
    world.clock.forward(60)
    assert reconcile.work(catcher.worker)
    assert catcher.last()["state"] == "done"


def test_a_key_that_only_a_reconcile_finds_revoked_disconnects_the_account_as_a_write_would(
    world: World, catcher: Catcher
) -> None:
    open_incidents(world, 1)
    refused = errors.Unauthorised("The key is not accepted.", status=401)
    world.comment(Side.CASE, "C-1", "one")
    world.plan()
    for op in ("standing", "check"):
        world.incident.fail(op, refused)
    catcher.ask(world.clock.now())
    assert reconcile.work(catcher.worker)
    account = world.account(Side.INCIDENT)
    assert (account.state, account.code) == (IntegrationState.DISCONNECTED, accounts.KEY_REFUSED)
    assert world.said() == [("comment", "held", "disconnected")]
    world.clock.forward(59)
    world.forget()
    reconcile.work(catcher.worker)
    assert world.incident.calls == [], "a probe asks, and nobody else does"
    world.wait(60)
    world.clock.forward(60)
    assert reconcile.work(catcher.worker)
    assert catcher.last()["state"] == "done"
    assert world.incident.texts("I-1") == ["Ana (case): one"]


def test_what_is_asked_for_twice_is_done_once_from_the_earlier_moment(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    now = world.clock.now()
    first = catcher.ask(now - timedelta(hours=1))
    assert catcher.ask(now - timedelta(hours=3)) == first
    assert catcher.ask(now) == first
    assert catcher.last()["since"] == now - timedelta(hours=3)


def test_one_that_is_put_off_hands_over_to_the_one_asked_for_meanwhile(world: World, catcher: Catcher) -> None:
    open_incidents(world, 1)
    now = world.clock.now()
    first = catcher.ask(now - timedelta(hours=3))
    world.incident.fail("standing", errors.Unreachable("The connection was refused."))
    world.incident.meanwhile["standing"] = lambda: catcher.ask(now)
    reconcile.work(catcher.worker)
    second = catcher.last()
    assert second["id"] > first
    assert (second["state"], second["since"]) == ("waiting", now - timedelta(hours=3))


def test_one_that_is_put_off_while_another_is_asked_for_hands_over_to_it(world: World, catcher: Catcher) -> None:
    now = world.clock.now()
    catcher.ask(now - timedelta(hours=3))
    with world.db.write() as tx:
        taken = reconciles.take(tx, now)
    assert taken is not None

    def put_off() -> None:
        with world.db.write() as tx:
            reconciles.put_off(tx, taken, "Later.", now)

    with ThreadPoolExecutor() as beside:
        with world.db.write() as tx:
            reconciles.ask(tx, PAGERDUTY, now, why="asked", by="", now=now)
            doing = beside.submit(put_off)
            wait([doing], 0.5)
        doing.result(10)
    assert (catcher.last()["state"], catcher.last()["since"]) == ("waiting", now - timedelta(hours=3))


def test_a_case_system_is_asked_for_its_changed_cases(world: World, catcher: Catcher) -> None:
    (one,) = open_incidents(world, 1)
    since = world.clock.now()
    world.case.set("C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.case.note("C-1", "looking")
    catcher.catch_up(since, CASES)
    assert world.in_step("C-1").status == Status.ACKNOWLEDGED
    assert world.incident.texts(one) == ["Ana (case): looking"]


def _people_act(world: World, refs: Iterable[str], dice: random.Random, *, is_told: bool) -> None:
    for ref in refs:
        for number in range(dice.randrange(4)):
            match dice.randrange(3):
                case 0:
                    seen = world.incident.set(
                        ref, Field.STATUS, dice.choice([Status.ACKNOWLEDGED, Status.RESOLVED, Status.OPEN]), ANA
                    )
                case 1:
                    seen = world.incident.set(ref, Field.PRIORITY, dice.choice(["HIGH", "LOW", "MIDDLE"]), ANA)
                case _:
                    note = world.incident.note(ref, f"note {number}", dice.choice([ANA, BEN, US]))
                    if is_told:
                        world.tell(Side.INCIDENT, ref, note)
                    continue
            if is_told:
                world.tell(Side.INCIDENT, ref, seen)
        world.clock.forward(30)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_gap_both_sides_say_the_same_and_every_note_stands_once(
    world: World, catcher: Catcher, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  a history that can be repeated
    refs = open_incidents(world, 5)
    since = world.clock.now()
    for _ in range(3):
        _people_act(world, refs, dice, is_told=False)
        if dice.random() < 0.5:
            _people_act(world, refs, dice, is_told=True)
            world.drain()
    world.clock.forward(timedelta(hours=dice.randrange(1, 72)))
    catcher.catch_up(since)
    world.wait(3600)
    for number, ref in enumerate(refs, start=1):
        assert world.in_step(f"C-{number}").status == world.incident.record(ref).status
        assert sorted(world.case.texts(f"C-{number}")) == sorted(
            text for text in world.incident.texts(ref) if not text.startswith("Resolution Note")
        )
