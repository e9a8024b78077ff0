"""Pruning takes what is older than the policy, never what is live, in small batches, one process at a time, and not under a hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select, text
from structlog.testing import capture_logs

from syncd.clock import StoppedClock
from syncd.core.deeds import Deed, KnownAs, Way
from syncd.core.lifecycle import ErrandState
from syncd.errors import Unavailable
from syncd.flow.retention import keeping, pruning
from syncd.flow.retention.pruning import LATER, LEASE, SLICE, SOON, Policy, Rest
from syncd.store import actions, pen_names, upkeep
from syncd.store.actions import Asked
from syncd.store.database import Database
from syncd.store.pen_names import Borrowed
from syncd.store.retention import Kept
from syncd.store.tables import arrivals, deliveries, errands
from syncd.store.tables_of_cases import cases
from tests.flow.attic import POLICY, Attic, OldDelivery, OldErrand, OldHook, attics, bodies, ids
from tests.store.ledger import NOON

HUNDRED = Attic([OldHook(900)] * 100, [OldErrand()] * 100, [OldDelivery(900, n) for n in range(100)])


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    made = Database(database_url, StoppedClock(NOON), is_alone=True)
    yield made
    made.close()


def clock(db: Database) -> StoppedClock:
    assert isinstance(db.clock, StoppedClock)
    return db.clock


def never(_: float) -> bool:
    return False


def run(db: Database, policy: Policy = POLICY, rest: Rest = never, batch: int = 7) -> dict[str, int]:
    """When its time has come again."""
    clock(db).forward(LATER)
    return dict(pruning.prune(db, policy, rest, batch=batch))


def everything(db: Database) -> list[object]:
    with db.read() as tx:
        return [list(tx.execute(select(table).order_by(table.c.id))) for table in (arrivals, deliveries, errands)]


def empty(db: Database) -> None:
    with db.write() as tx:
        for table in reversed(cases.metadata.sorted_tables):
            tx.execute(table.delete())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attic=attics())
def test_what_is_live_stays_what_is_old_goes_and_nothing_else(old: Database, attic: Attic) -> None:
    empty(old)
    attic.fill(old)
    gone = run(old, batch=3)
    left = bodies(old)
    assert set(left) == _left(attic.hooks, attic.gone_hooks())
    assert {number - 1 for number, body in left.items() if not body} == attic.bodiless() - attic.gone_hooks()
    assert ids(old, deliveries) == _left(attic.deliveries, attic.gone_deliveries())
    assert ids(old, errands) == _left(attic.errands, attic.gone_errands())
    assert {name: number for name, number in gone.items() if number} == _counted(attic)
    before = everything(old)
    assert not any(run(old).values())
    assert everything(old) == before


def _left(of: object, gone: set[int]) -> set[int]:
    assert isinstance(of, list)
    return {number + 1 for number in range(len(of)) if number not in gone}


def _counted(attic: Attic) -> dict[str, int]:
    gone = {"hook_bodies": attic.bodiless(), "hooks": attic.gone_hooks()}
    gone |= {"deliveries": attic.gone_deliveries(), "errands": attic.gone_errands()}
    return {name: len(places) for name, places in gone.items() if places}


def test_what_is_kept_for_ever_stays(old: Database) -> None:
    HUNDRED.fill(old)
    before = everything(old)
    assert run(old, Policy({})) == {}
    assert everything(old) == before
    assert run(old, Policy({Kept.DELIVERIES: timedelta(days=400)})) == {"deliveries": 99, "errands": 99}
    assert all(bodies(old).values())


def test_a_row_goes_when_it_is_older_than_its_age_and_not_before(old: Database) -> None:
    Attic([OldHook(29)] * 2, [], []).fill(old)
    clock(old).forward(timedelta(days=1) - LATER)
    assert not any(run(old).values())
    clock(old).forward(timedelta(seconds=1))
    assert run(old)["hook_bodies"] == 2


@pytest.mark.parametrize("state", [ErrandState.WAITING, ErrandState.HELD, ErrandState.SENDING, ErrandState.DEAD])
def test_what_a_live_errand_refers_to_goes_when_it_has_ended(old: Database, state: ErrandState) -> None:
    errand = OldErrand(str(state), hook=0, replay_of=1)
    Attic([OldHook(900)] * 2, [errand, OldErrand()], [OldDelivery(900, 0), OldDelivery(900), OldDelivery(0)]).fill(old)
    assert run(old) == {"hook_bodies": 1, "hooks": 0, "deliveries": 0, "errands": 0}
    with old.write() as tx:
        tx.execute(errands.update().values(state="dead", token="", dealt_with="parked"))
    assert run(old) == {"hook_bodies": 1, "hooks": 1, "deliveries": 2, "errands": 1}


def test_the_action_log_goes_when_it_is_older_than_its_age_but_for_its_newest_row(old: Database) -> None:
    ana = Deed("Ana", KnownAs.USER, Way.API, "sync:Operate", "POST /v1/links/{link}/pause")
    with old.write() as tx:
        for days in (900, 401, 399, 900):
            actions.begin(tx, ana, old.now(tx) - timedelta(days=days))
    assert run(old) == {"actions": 2}
    with old.read() as tx:
        assert [one.id for one in actions.listing(tx, Asked())] == [4, 3]


def test_a_pen_name_goes_with_its_errand(old: Database) -> None:
    Attic(
        [], [OldErrand(), OldErrand(), OldErrand()], [OldDelivery(900, 0), OldDelivery(0, 1), OldDelivery(0, 2)]
    ).fill(old)
    with old.write() as tx:
        borrowed = [Borrowed(number, 1, 1, f"U{number}", None, "") for number in (1, 2)]
        pen_names.add_many(tx, borrowed, old.now(tx))
    assert run(old)["errands"] == 1
    with old.read() as tx:
        assert pen_names.users_of(tx, 1) == {"U2"}


@pytest.mark.parametrize("state", [ErrandState.WITHDRAWN, ErrandState.DEAD])
def test_a_note_that_may_stand_unanswered_is_remembered_when_its_deliveries_are_gone(
    old: Database, state: ErrandState
) -> None:
    """Read again, the record would tell of it as somebody's otherwise."""
    ended = OldErrand(str(state), dealt_with="parked", is_doubtful=True)
    found = OldErrand(str(state), dealt_with="parked", is_doubtful=True, far_id="N1")
    told = [OldDelivery(900, 0), OldDelivery(900, 1), OldDelivery(900)]
    Attic([], [ended, found, OldErrand()], told).fill(old)
    assert run(old) == {"deliveries": 2, "errands": 1}
    assert ids(old, errands) == {1, 3}


def test_a_hook_that_nobody_has_planned_keeps_what_it_carried(old: Database) -> None:
    Attic([OldHook(900, "new"), OldHook(900)], [], []).fill(old)
    assert run(old) == {"hook_bodies": 1, "hooks": 0}
    assert bodies(old) == {1: b"{}", 2: b""}


def test_a_hook_that_told_of_a_live_errands_note_stays(old: Database) -> None:
    """The note may turn out to be somebody else's, and then the hook is planned again."""
    Attic([OldHook(900)] * 2, [OldErrand("waiting", is_doubtful=True, told_by=0)], []).fill(old)
    assert run(old) == {"hook_bodies": 1, "hooks": 0}
    assert bodies(old) == {1: b"{}", 2: b""}


def test_an_errand_stays_as_long_as_one_delivery_tells_of_it(old: Database) -> None:
    Attic([], [OldErrand(), OldErrand()], [OldDelivery(900, 0), OldDelivery(5, 0)]).fill(old)
    assert run(old) == {"deliveries": 1, "errands": 0}


def test_the_newest_row_stays_so_that_no_number_is_given_out_twice(old: Database) -> None:
    HUNDRED.fill(old)
    run(old)
    assert [ids(old, table) for table in (arrivals, deliveries, errands)] == [{100}, {100}, {100}]


def test_those_that_must_stay_are_in_nobodys_way(old: Database) -> None:
    """Several pages of them, all older than what may go."""
    kept = [OldHook(900, "planned") for _ in range(20)]
    Attic([*kept, *[OldHook(300)] * 20], [OldErrand("held", hook=n) for n in range(20)], []).fill(old)
    assert run(old, batch=3) == {"hook_bodies": 20, "hooks": 19}


def test_a_slice_ends_with_its_time_and_the_next_comes_soon(old: Database) -> None:
    HUNDRED.fill(old)

    def slow(_: float) -> bool:
        clock(old).forward(SLICE / 2)
        return False

    assert run(old, rest=slow, batch=10) == {"hook_bodies": 20}
    assert pruning.prune(old, POLICY, never) == {}
    clock(old).forward(SOON)
    assert pruning.prune(old, POLICY, never)["hook_bodies"] == 80
    clock(old).forward(SOON)
    assert pruning.prune(old, POLICY, never) == {}, "nothing was left, so that it looks again only later"


def test_a_process_that_ends_stops_after_a_batch(old: Database) -> None:
    HUNDRED.fill(old)
    assert run(old, rest=lambda _: True, batch=10) == {"hook_bodies": 10, "hooks": 10, "deliveries": 10, "errands": 10}


def test_one_process_at_a_time(old: Database) -> None:
    HUNDRED.fill(old)
    seen = []

    def another_comes(_: float) -> bool:
        seen.append(dict(pruning.prune(old, POLICY, never)))
        return False

    run(old, rest=another_comes, batch=50)
    assert seen
    assert not any(seen)


def test_who_vanished_in_the_middle_is_followed_by_another(old: Database) -> None:
    HUNDRED.fill(old)

    def dies(_: float) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(old, rest=dies, batch=50)
    assert pruning.prune(old, POLICY, never) == {}
    clock(old).forward(LEASE)
    assert pruning.prune(old, POLICY, never)["hook_bodies"] == 50


def test_a_hold_stops_it_at_once(old: Database) -> None:
    HUNDRED.fill(old)

    def somebody_forbids_it(_: float) -> bool:
        keeping.hold(old, by="Ana", why="Matter 7")
        return False

    assert run(old, rest=somebody_forbids_it, batch=10) == {"hook_bodies": 10}
    before = everything(old)
    for _ in range(3):
        assert run(old) == {}
    assert everything(old) == before


def test_it_goes_on_when_the_last_hold_is_released(old: Database) -> None:
    HUNDRED.fill(old)
    first, second = (keeping.hold(old, by="Ana", why=f"Matter {n}") for n in (1, 2))
    keeping.release(old, first.id, by="Ben")
    assert run(old) == {}
    keeping.release(old, second.id, by="Ben")
    assert pruning.prune(old, POLICY, never)["hook_bodies"] == 100, "at once, and not at its next time"


def test_a_hold_waits_for_the_batch_that_is_under_way(old: Database) -> None:
    if old.is_sqlite:
        pytest.skip("A writing transaction of SQLite is alone.")
    with old.write() as batch:
        upkeep.lock(batch, NOON)
        with pytest.raises(Unavailable, match="lock timeout"):
            _lock_within(old, "20ms")


def _lock_within(db: Database, patience: str) -> None:
    with db.write() as tx:
        tx.execute(text(f"SET LOCAL lock_timeout = '{patience}'"))
        upkeep.lock(tx, NOON)


def test_a_row_that_somebody_has_locked_is_left_for_later(old: Database) -> None:
    if old.is_sqlite:
        pytest.skip("A writing transaction of SQLite is alone.")
    HUNDRED.fill(old)
    with old.write() as tx:
        tx.execute(select(arrivals.c.id).where(arrivals.c.id <= 5).with_for_update())
        assert run(old)["hook_bodies"] == 95
    assert run(old)["hook_bodies"] == 5


def test_what_it_did_is_one_line_and_what_it_did_not_is_none(old: Database) -> None:
    HUNDRED.fill(old)
    structlog.reset_defaults()  # The tests of this folder are quiet otherwise.
    with capture_logs() as lines:
        run(old)
        run(old)
    assert [{name: line[name] for name in line if name != "log_level"} for line in lines] == [
        {
            "event": "rows.pruned",
            "hook_bodies": 100,
            "hooks": 99,
            "deliveries": 99,
            "errands": 99,
            "is_in_time": True,
        }
    ]


def test_hooks_of_the_release_before_are_pruned_too(old: Database) -> None:
    """It knows nothing of the new column, and goes on inserting while the database is ahead of it."""
    columns = "source, event_type, record, body, received_at, state, is_unlinked, is_behind, attempt, next_at, shard"
    at = (NOON - timedelta(days=40)).strftime("%Y-%m-%d %H:%M:%S.000000") + ("" if old.is_sqlite else "+00")
    values = f"'pagerduty', 't', 'I-1', 'abc', '{at}', 'planned', false, false, 0, '{at}', 1"
    with old.write() as tx:
        tx.execute(text(f"INSERT INTO arrivals ({columns}) VALUES ({values})"))  # noqa: S608  our own words
    assert run(old)["hook_bodies"] == 1
