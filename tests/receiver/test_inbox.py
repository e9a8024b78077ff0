"""The group writer: committed before it answers, one bad row harms nobody else, and it never takes more than it can hold."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from syncd.core.changes import Side
from syncd.errors import Unavailable
from syncd.flow.accept import Taken
from syncd.receiver.inbox import GROUP, Inbox
from syncd.store.arrivals import NewArrival
from tests.receiver.site import Ringer

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def taken(key: str, shard: int = 0, size: int = 10) -> Taken:
    return Taken(NewArrival("pd", key, "incident.resolved", "P1", b"x" * size, NOON, shard), Side.INCIDENT)


class BadRowError(Exception):
    pass


@dataclass
class Shelf:
    """Stores what it is given once it may, and remembers in which groups."""

    may: threading.Event = field(default_factory=threading.Event)
    groups: list[list[str]] = field(default_factory=list)
    is_down: bool = False

    def store(self, group: Sequence[Taken]) -> list[int | None]:
        assert self.may.wait(20)
        keys = [str(one.arrival.event_key) for one in group]
        if self.is_down:
            raise Unavailable("The database cannot be used.")
        if "bad" in keys:
            raise BadRowError
        seen = [key for stored in self.groups for key in stored]
        self.groups.append(keys)
        return [None if key in seen else len(seen) + place for place, key in enumerate(keys)]


@asynccontextmanager
async def opened(shelf: Shelf, ringer: Ringer) -> AsyncIterator[Inbox]:
    inbox = Inbox(shelf.store, ringer.ring)
    try:
        yield inbox
    finally:
        shelf.may.set()
        await inbox.close()


async def put_all(inbox: Inbox, many: Sequence[Taken]) -> list[int | BaseException | None]:
    return await asyncio.gather(*(inbox.put(one) for one in many), return_exceptions=True)


async def test_what_gathers_while_it_writes_goes_into_one_group_of_bounded_size() -> None:
    shelf, ringer = Shelf(), Ringer()
    async with opened(shelf, ringer) as inbox:
        waiting = asyncio.create_task(put_all(inbox, [taken(str(number)) for number in range(3 * GROUP)]))
        await asyncio.sleep(0)
        shelf.may.set()
        assert sorted(str(one) for one in await waiting) == sorted(str(number) for number in range(3 * GROUP))
    assert max(len(group) for group in shelf.groups) == GROUP
    assert len(shelf.groups) <= 4


async def test_the_bell_rings_for_the_shards_of_what_is_new_after_it_is_stored() -> None:
    shelf, ringer = Shelf(), Ringer()
    async with opened(shelf, ringer) as inbox:
        waiting = asyncio.create_task(put_all(inbox, [taken("a", 3)]))
        await asyncio.sleep(0)
        assert ringer.rung == []
        shelf.may.set()
        await waiting
        assert await inbox.put(taken("a", 3)) is None
        await inbox.put(taken("b", 5))
    assert ringer.rung == [[3], [5]]


async def test_one_bad_row_fails_alone() -> None:
    shelf, ringer = Shelf(), Ringer()
    async with opened(shelf, ringer) as inbox:
        waiting = asyncio.create_task(put_all(inbox, [taken(key) for key in ("a", "bad", "b")]))
        await asyncio.sleep(0)
        shelf.may.set()
        outcomes = await waiting
    assert [type(outcome) for outcome in outcomes] == [int, BadRowError, int]


async def test_a_database_that_is_down_is_told_to_everybody_who_waits() -> None:
    shelf = Shelf(is_down=True)
    async with opened(shelf, Ringer()) as inbox:
        shelf.may.set()
        outcomes = await put_all(inbox, [taken(str(number)) for number in range(10)])
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        shelf.is_down = False
        assert await inbox.put(taken("later")) == 0


@pytest.mark.parametrize(("size", "most"), [(10, 1024), (1024 * 1024, 64)])
async def test_what_does_not_fit_is_put_off_and_there_is_room_again_later(size: int, most: int) -> None:
    shelf = Shelf()
    async with opened(shelf, Ringer()) as inbox:
        waiting = asyncio.create_task(put_all(inbox, [taken(str(number), size=size) for number in range(most + 5)]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await inbox.put(taken("one more", size=size))
        shelf.may.set()
        outcomes = await waiting
        assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 5
        assert isinstance(await inbox.put(taken("afterwards", size=size)), int)


async def test_what_a_vanished_sender_gave_is_stored_all_the_same() -> None:
    shelf = Shelf()
    async with opened(shelf, Ringer()) as inbox:
        gone = asyncio.create_task(inbox.put(taken("gone")))
        await asyncio.sleep(0)
        gone.cancel()
        shelf.may.set()
        await inbox.put(taken("here"))
    assert sorted(key for group in shelf.groups for key in group) == ["gone", "here"]


async def test_closing_stores_what_was_taken_and_takes_no_more() -> None:
    shelf = Shelf()
    async with opened(shelf, Ringer()) as inbox:
        waiting = asyncio.create_task(put_all(inbox, [taken(str(number)) for number in range(100)]))
        await asyncio.sleep(0)
        closing = asyncio.create_task(inbox.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await inbox.put(taken("late"))
        shelf.may.set()
        await closing
        assert not [outcome for outcome in await waiting if not isinstance(outcome, int)]
