"""What is kept is told as it is; a legal hold says who, when and why, stands until it is released, and is never forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.errors import Conflict, NotFound
from syncd.flow.retention import keeping
from syncd.flow.retention.pruning import LATER, Policy, prune
from syncd.store.retention import Kept
from tests.flow.attic import POLICY, Attic, OldDelivery, OldErrand, OldHook
from tests.flow.world import World

ATTIC = Attic([OldHook(900)] * 3, [OldErrand()], [OldDelivery(900, 0), OldDelivery(900), OldDelivery(5)])


def days_old(world: World, found: keeping.KeptRows) -> int | None:
    return None if found.oldest is None else (world.clock.now() - found.oldest).days


def test_an_empty_table_has_no_oldest_row_and_nothing_due(world: World) -> None:
    seen = keeping.keeping(world.db, POLICY)
    assert [(one.oldest, one.due) for one in seen.rows] == [(None, 0)] * len(Kept)
    assert (seen.ran_at, seen.in_time_at, seen.total, list(seen.holds)) == (None, None, {}, [])


def test_it_tells_what_is_due_and_then_what_was_pruned(world: World) -> None:
    ATTIC.fill(world.db)
    before = keeping.keeping(world.db, POLICY)
    assert [(one.kept, days_old(world, one), one.due) for one in before.rows] == [
        (Kept.BODIES, 900, 3),
        (Kept.HOOKS, None, 0),
        (Kept.DELIVERIES, 900, 2),
        (Kept.NOTICES, None, 0),
        (Kept.ACTIONS, None, 0),
    ]
    prune(world.db, POLICY, lambda _: False)
    after = keeping.keeping(world.db, POLICY)
    assert [(days_old(world, one), one.due) for one in after.rows] == [
        (None, 0),
        (900, 1),
        (5, 0),
        (None, 0),
        (None, 0),
    ]
    assert after.total == {"hook_bodies": 3, "hooks": 2, "deliveries": 2, "errands": 0}
    assert (after.ran_at, after.in_time_at) == (world.clock.now(), world.clock.now())


def test_what_was_pruned_is_added_up(world: World) -> None:
    ATTIC.fill(world.db)
    prune(world.db, Policy({Kept.BODIES: timedelta(days=30)}), lambda _: False)
    world.clock.forward(LATER)
    prune(world.db, POLICY, lambda _: False)
    assert keeping.keeping(world.db, POLICY).total["hook_bodies"] == 3
    assert keeping.keeping(world.db, POLICY).total["hooks"] == 2


def test_what_is_kept_for_ever_is_never_due(world: World) -> None:
    ATTIC.fill(world.db)
    assert [(one.age, one.due) for one in keeping.keeping(world.db, Policy({})).rows] == [(None, 0)] * len(Kept)


def test_a_hold_says_who_when_and_why_and_stays_on_record(world: World) -> None:
    at = world.clock.now()
    placed = keeping.hold(world.db, by="Ana", why="Matter 7")
    assert (placed.placed_by, placed.placed_at, placed.why, placed.released_at) == ("Ana", at, "Matter 7", None)
    world.clock.forward(60)
    released = keeping.release(world.db, None, by="Ben")
    assert (released.released_by, released.released_at) == ("Ben", world.clock.now())
    assert (released.id, released.placed_by, released.why) == (placed.id, "Ana", "Matter 7")
    assert list(keeping.keeping(world.db, POLICY).holds) == [released]


def test_of_several_holds_one_is_released_by_its_id(world: World) -> None:
    first, second = (keeping.hold(world.db, by="Ana", why=f"Matter {n}") for n in (1, 2))
    with pytest.raises(Conflict, match="2 legal holds stand; name the one to release by its id"):
        keeping.release(world.db, None, by="Ben")
    keeping.release(world.db, second.id, by="Ben")
    with pytest.raises(NotFound, match=f"No legal hold {second.id} stands"):
        keeping.release(world.db, second.id, by="Ben")
    assert keeping.release(world.db, None, by="Ben").id == first.id
    with pytest.raises(NotFound, match="No legal hold stands"):
        keeping.release(world.db, None, by="Ben")
