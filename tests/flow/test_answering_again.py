"""An account answers again while a turn runs that has some of its hooks: neither waits for the other, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from syncd import errors
from syncd.core.changes import Side
from syncd.flow import accounts
from syncd.flow.orders import restraint
from syncd.flow.turn import Turn
from syncd.store import arrivals
from syncd.store.tables import arrivals as rows
from tests.flow.world import PAGERDUTY, World

AWAY = errors.Unreachable("The connection was refused.")
AGAIN_IN = timedelta(hours=1)
WITHIN = 10.0


@pytest.fixture
def crowded(linked: World) -> World:
    """A hook waits for its second look."""
    if linked.db.is_sqlite:
        pytest.skip("Whoever writes to SQLite writes alone.")
    linked.incident.fail("fetch", AWAY)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    with linked.db.write() as tx:
        arrivals.put_off(tx, _hook(linked), linked.db.now(tx) + AGAIN_IN)
    return linked


def _hook(world: World) -> int:
    with world.db.read() as tx:
        return tx.execute(select(rows.c.id).where(rows.c.state == "new")).scalar_one()


def _next_at(world: World) -> datetime:
    with world.db.read() as tx:
        return tx.execute(select(rows.c.next_at).where(rows.c.state == "new")).scalar_one()


@contextmanager
def _turn_that_fails_to_look(world: World) -> Iterator[Turn]:
    """It has the hook in its hands, and puts it off at its end."""
    with world.turn() as turn:
        (hook,) = arrivals.claim(turn.tx, [_hook(world)])
        yield turn
        arrivals.put_off(turn.tx, hook, turn.now + AGAIN_IN)
        accounts.failed(turn, PAGERDUTY, AWAY)


def _let_go_on(world: World) -> None:
    with world.db.write() as tx:
        accounts.let_go_on(tx, world.account(Side.INCIDENT), world.db.now(tx))


@contextmanager
def _answering(world: World, turn: AbstractContextManager[Turn]) -> Iterator[Turn]:
    """While this turn runs, which ends before the other is waited for if they do wait for each other."""
    with ThreadPoolExecutor(1) as pool, turn as running:
        world.clock.forward(1)
        pool.submit(_let_go_on, world).result(WITHIN)
        yield running


@pytest.mark.parametrize("is_paused", [False, True])
def test_whoever_hears_the_account_answer_does_not_wait_for_a_turn_that_has_its_hook(
    crowded: World, *, is_paused: bool
) -> None:
    if is_paused:
        assert restraint.pause(crowded.db, PAGERDUTY, by="Ana", why="a move")
    with _answering(crowded, _turn_that_fails_to_look(crowded)):
        assert crowded.account(Side.INCIDENT).since == crowded.clock.now()


def test_a_hook_that_a_turn_puts_off_while_its_account_answers_again_is_looked_at_at_once(crowded: World) -> None:
    with _answering(crowded, _turn_that_fails_to_look(crowded)):
        pass
    assert _next_at(crowded) <= crowded.clock.now()
    crowded.drain()
    assert crowded.due() == []
    assert [call.op for call in crowded.incident.calls][-2:] == ["fetch", "notes"]


def test_it_is_looked_at_with_the_resume_where_the_account_is_paused(crowded: World) -> None:
    assert restraint.pause(crowded.db, PAGERDUTY, by="Ana", why="a move")
    with _answering(crowded, _turn_that_fails_to_look(crowded)):
        pass
    crowded.forget()
    assert restraint.resume(crowded.db, PAGERDUTY, by="Ana")
    crowded.drain()
    assert [call.op for call in crowded.incident.calls] == ["fetch", "notes"]


def test_a_hook_that_is_put_off_when_nobody_heard_an_answer_waits(crowded: World) -> None:
    with _turn_that_fails_to_look(crowded) as turn:
        put_off_until = turn.now + AGAIN_IN
    assert _next_at(crowded) == put_off_until
