"""Somebody was sent to PagerDuty to agree, and never came back."""

from __future__ import annotations

from datetime import timedelta

from syncd.connections.oauth.authorising import LASTS
from syncd.core.connection import Kind
from syncd.store import authorisations, connection_log
from tests.flow.world import World


def _sent(world: World, digest: str) -> None:
    with world.db.write() as tx:
        now = world.db.now(tx)
        connection_log.add(tx, "acme", Kind.INITIATED, now=now, by="Ana")
        authorisations.add(tx, digest, "acme", sealed=b"s", by="Ana", now=now, expires_at=now + LASTS)


def _told(world: World) -> list[tuple[Kind, str]]:
    with world.db.read() as tx:
        return [(one.kind, one.by) for one in reversed(connection_log.listing(tx, "acme"))]


def test_the_history_tells_that_it_came_to_nothing_once_its_time_is_over(world: World) -> None:
    _sent(world, "d1")
    world.wait(LASTS - timedelta(seconds=1))
    assert _told(world) == [(Kind.INITIATED, "Ana")]
    for _ in range(2):
        world.wait(1)
        assert _told(world) == [(Kind.INITIATED, "Ana"), (Kind.FAILED, "Ana")]
    with world.db.read() as tx:
        kept = authorisations.get(tx, "d1")
    assert kept is not None
    assert (kept.state, kept.sealed) == ("failed", None)
    assert "`syncd integrations authorise acme`" in kept.said


def test_one_that_was_answered_is_left_as_it_is(world: World) -> None:
    _sent(world, "d1")
    with world.db.write() as tx:
        authorisations.take(tx, "d1", world.db.now(tx))
        authorisations.end(tx, "d1", "Connected.", is_done=True)
    world.wait(LASTS)
    assert _told(world) == [(Kind.INITIATED, "Ana")]
