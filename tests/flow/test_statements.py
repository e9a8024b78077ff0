"""A turn costs as many statements for many changes as for few: what is done for each hook by itself would show here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from syncd.core.changes import Field, Side, Status
from tests.flow.world import World

FEW, MANY = 3, 20


@contextmanager
def counted(world: World) -> Iterator[Counter[str]]:
    """Statements by their first words, as the driver gets them; many rows in one are one."""
    seen: Counter[str] = Counter()

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.split()
        table = next((words[at + 1] for at, word in enumerate(words) if word in {"FROM", "INTO", "UPDATE"}), "")
        seen[f"{words[0]} {table}"] += 1

    event.listen(world.db.engine, "before_cursor_execute", count)
    yield seen
    event.remove(world.db.engine, "before_cursor_execute", count)


def _acknowledged(world: World, count: int, status: Status) -> dict[str, Counter[str]]:
    """What it costs in each of the three turns of a change; the calls between them are not ours to count."""
    for ref in list(world.incident.kept)[:count]:
        world.act(Side.INCIDENT, ref, Field.STATUS, status)
    world.forget()
    with counted(world) as planning:
        world.plan()
    with counted(world) as claiming:
        jobs = world.claim()
    finished = [world.attempt(job) for job in jobs]
    with counted(world) as settling:
        world.settle(*finished)
    assert len(world.said()) == count
    assert {outcome for _, outcome, _ in world.said()} == {"applied"}
    return {"plan": planning, "claim": claiming, "settle": settling}


def test_many_changes_cost_as_many_statements_as_few(world: World) -> None:
    for number in range(MANY):
        world.ask_for_incident(f"C-{number}")
    world.drain()
    few = _acknowledged(world, FEW, Status.ACKNOWLEDGED)
    many = _acknowledged(world, MANY, Status.RESOLVED)
    assert many == few
    assert sum(many["settle"].values()) <= 9
