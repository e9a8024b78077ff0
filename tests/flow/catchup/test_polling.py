"""A change that lists show to many polls is read twice and not at each of them, and none is lost by that."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from syncd import errors
from syncd.clock import StoppedClock
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.catchup import reconcile, restoring
from syncd.flow.catchup.polling import KEPT, SETTLED
from syncd.store import reconciles
from syncd.store.database import Database
from syncd.store.tables_of_looks import polled
from tests.flow.catchup.poller import Poller
from tests.flow.world import NOON, World

BEN = Actor("Ben")
WINDOW = timedelta(minutes=3)  # by now no list shows what was changed before
QUARTER = timedelta(seconds=15)


@pytest.fixture
def poller(linked: World) -> Poller:
    return _quiet(Poller(linked))


def _quiet(poller: Poller) -> Poller:
    """What its opening left in the lists has been read."""
    poller.poll_for(WINDOW)
    poller.world.forget()
    return poller


@pytest.mark.parametrize(("are_named", "reads"), [(True, 2), (False, 8)])
def test_a_change_costs_two_looks_and_not_one_at_each_poll(poller: Poller, reads: int, *, are_named: bool) -> None:
    """A count of requests, in simulated time: 4 for each changed record, and 16 where a list does not name its changes."""
    world = poller.world
    world.incident.names_changes = are_named
    world.incident.note("I-1", "seen", BEN)
    poller.poll_for(2 * WINDOW)
    assert (poller.reads(), poller.requests()) == (reads, 2 * reads)
    assert world.case.texts("C-1") == ["seen"]


def test_a_change_is_read_at_the_first_poll_that_shows_it(poller: Poller) -> None:
    world = poller.world
    for number in range(3):
        world.incident.note("I-1", f"note {number}", BEN)
        poller.poll_for(QUARTER)
        assert len(world.case.texts("C-1")) == number + 1


def test_what_happened_in_the_second_of_a_change_that_was_read_is_found_once_that_is_over(poller: Poller) -> None:
    world = poller.world
    world.incident.counts_in_seconds = True
    world.incident.note("I-1", "one", BEN)
    poller.poll()
    world.clock.forward(QUARTER)
    poller.poll()
    assert world.case.texts("C-1") == ["one"]
    world.incident.is_off = -(
        world.clock.now() - world.incident.kept["I-1"].log[-1][0]
    )  # It is that second over there again.
    world.incident.note("I-1", "two", BEN)
    assert len({name for _, name in world.incident.kept["I-1"].log[-2:]}) == 1
    poller.poll_for(SETTLED + QUARTER)
    assert world.case.texts("C-1") == ["one", "two"]


def test_what_happens_after_their_clock_was_put_back_is_new(poller: Poller) -> None:
    world = poller.world
    world.incident.note("I-1", "one", BEN)
    poller.poll_for(SETTLED + QUARTER)
    world.incident.is_off = -timedelta(seconds=100)
    world.incident.note("I-1", "two", BEN)
    poller.poll_for(QUARTER)
    assert world.case.texts("C-1") == ["one", "two"]


@pytest.mark.parametrize(
    ("error", "times"),
    [(errors.Unreachable("Away."), 3), (errors.Refused("Not now.", reason="refused"), 6)],  # 3: 72 s of waits at most
    ids=["away", "refused"],
)
def test_a_change_whose_looks_failed_is_read_again(poller: Poller, error: errors.SideError, times: int) -> None:
    """However often, as long as a list shows it."""
    world = poller.world
    world.incident.fail("fetch", error, times=times)
    world.incident.note("I-1", "seen", BEN)
    poller.poll_for(WINDOW)
    assert world.case.texts("C-1") == ["seen"]


def test_a_look_that_cannot_be_made_leaves_its_change_unread(poller: Poller) -> None:
    """The record could be listed, and no worker has come to read it."""
    world = poller.world
    world.incident.note("I-1", "seen", BEN)
    world.clock.forward(QUARTER)
    for _ in range(3):
        poller.catcher.ask(world.clock.now())
        reconcile.work(poller.catcher.worker)
    assert poller.reads() == 0
    poller.poll_for(QUARTER)
    assert world.case.texts("C-1") == ["seen"]


def test_a_poll_that_another_worker_has_taken_over_vouches_for_nothing(poller: Poller) -> None:
    world = poller.world
    world.incident.note("I-1", "seen", BEN)

    def hang() -> None:
        world.clock.forward(reconciles.LEASE + timedelta(seconds=1))
        assert reconcile.work(poller.catcher.worker)

    world.incident.meanwhile["changed"] = hang
    before = _kept(world)
    poller.poll_for(QUARTER)
    assert _kept(world) == before + 1
    assert world.case.texts("C-1") == ["seen"]


def test_who_asks_for_a_look_has_all_read_that_has_changed(poller: Poller) -> None:
    world = poller.world
    world.incident.note("I-1", "seen", BEN)
    poller.poll_for(SETTLED + QUARTER)
    world.forget()
    poller.catcher.catch_up(world.clock.now() - timedelta(minutes=10))
    assert poller.reads() == 1


def test_a_poll_that_waits_becomes_what_a_person_asks_for(poller: Poller) -> None:
    """Else it would be done with what polls have read before."""
    world = poller.world
    world.incident.note("I-1", "seen", BEN)
    poller.poll_for(SETTLED + QUARTER)
    world.incident.fail("standing", errors.Unreachable("Away."))
    poller.poll_for(QUARTER)
    assert (poller.catcher.last()["state"], poller.catcher.last()["why"]) == ("waiting", "polling")
    world.forget()
    poller.catcher.ask(world.clock.now() - timedelta(minutes=10))
    assert [poller.catcher.last()[name] for name in ("why", "asked_by")] == ["asked", "Ben"]
    world.clock.forward(60)
    assert reconcile.work(poller.catcher.worker)
    world.drain()
    assert poller.reads() == 1


def test_of_a_restored_backup_nothing_is_believed(poller: Poller) -> None:
    world = poller.world
    world.incident.note("I-1", "seen", BEN)
    poller.poll_for(SETTLED + QUARTER)
    assert _kept(world) > 0
    world.forget()
    restoring.restored(world.db, by="Ben", since=world.clock.now())
    assert _kept(world) == 0
    assert reconcile.work(poller.catcher.worker)
    world.drain()
    assert poller.reads() == 1


def test_what_no_list_shows_any_more_is_forgotten(poller: Poller) -> None:
    world = poller.world
    world.incident.note("I-1", "seen", BEN)
    poller.poll_for(WINDOW)
    assert _kept(world) > 0
    world.clock.forward(KEPT)
    poller.poll()
    assert _kept(world) == 0


def test_an_incident_that_is_known_to_be_over_is_not_read_at_each_poll(poller: Poller) -> None:
    """Its case stands open as long as that cannot be written."""
    world = poller.world
    world.case.fail("set_status", errors.Refused("Not now.", reason="refused"))
    world.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    poller.poll_for(2 * WINDOW)
    assert world.case.record("C-1").status == Status.OPEN
    assert poller.reads() == 3  # The list of what is open tells of it first, and names no change.
    world.incident.note("I-1", "and why", BEN)
    world.incident.set("I-1", Field.STATUS, Status.OPEN, BEN)
    world.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    poller.poll_for(QUARTER)
    assert world.case.texts("C-1")[-1] == "and why"


def _kept(world: World) -> int:
    with world.db.read() as tx:
        return tx.execute(select(func.count()).select_from(polled)).scalar_one()


Act = Callable[[Poller], object]


def _note(poller: Poller) -> None:
    notes = poller.world.incident.kept["I-1"].notes
    poller.world.incident.note("I-1", f"note {len(notes)}", BEN)


def _moves(status: Status) -> Act:
    return lambda poller: poller.world.incident.set("I-1", Field.STATUS, status, BEN)


def _told(poller: Poller) -> None:
    poller.world.comment(Side.INCIDENT, "I-1", f"told {len(poller.world.incident.calls)}", BEN)


def _fails(op: str, error: errors.SideError, times: int = 1) -> Act:
    return lambda poller: poller.world.incident.fail(op, error, times=times)


def _jumps(seconds: int) -> Act:
    def jump(poller: Poller) -> None:
        poller.world.incident.is_off = timedelta(seconds=seconds)

    return jump


def _waits(seconds: float) -> Act:
    return lambda poller: poller.world.clock.forward(seconds)


def _restored(poller: Poller) -> None:
    restoring.restored(poller.world.db, by="Ben", since=poller.world.clock.now() - timedelta(minutes=1))


def _asked(poller: Poller) -> None:
    poller.catcher.ask(poller.world.clock.now() - timedelta(minutes=5))


ACTS: dict[str, Act] = {
    "a note": _note,
    "another note": _note,
    "acknowledged": _moves(Status.ACKNOWLEDGED),
    "resolved": _moves(Status.RESOLVED),
    "reopened": _moves(Status.OPEN),
    "a note that is told": _told,
    "polled": Poller.poll,
    "polled again": Poller.poll,
    "a quarter of a minute": _waits(15),
    "a minute": _waits(60),
    "a blink": _waits(0.1),
    "a look fails": _fails("fetch", errors.Unreachable("Away.")),
    "a look is refused": _fails("notes", errors.Refused("Not now.", reason="refused")),
    "looks are refused": _fails("notes", errors.Refused("Not now.", reason="refused"), times=4),
    "a list fails": _fails("changed", errors.Unreachable("Away.")),
    "their clock goes back": _jumps(-90),
    "their clock goes ahead": _jumps(90),
    "restored": _restored,
    "asked for": _asked,
}


@contextmanager
def _poller(template: Path, *, counts_in_seconds: bool) -> Iterator[Poller]:
    """One that has been at it for a while, on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/syncd.db")
        clock = StoppedClock(NOON)
        db = Database(f"sqlite:///{folder}/syncd.db", clock, is_alone=True)
        world = World(db, clock)
        world.ask_for_incident()
        world.drain()
        world.incident.counts_in_seconds = counts_in_seconds
        yield Poller(world)
        world.close()
        db.close()


@settings(max_examples=20)
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=20), counts_in_seconds=st.booleans())
def test_whatever_happens_in_whatever_order_every_change_is_carried_on_once(
    migrated_file: Path, acts: list[str], *, counts_in_seconds: bool
) -> None:
    with _poller(migrated_file, counts_in_seconds=counts_in_seconds) as poller:
        for name in acts:
            ACTS[name](poller)
        poller.world.incident.faults.clear()
        poller.poll_for(2 * WINDOW, every=2 * QUARTER)
        world = poller.world
        assert sorted(world.case.texts("C-1")) == sorted(world.incident.texts("I-1"))
        assert world.in_step("C-1").status == world.incident.record("I-1").status
        world.forget()
        poller.poll_for(SETTLED, every=2 * QUARTER)
        assert poller.reads() == 0
