"""Who takes too long is stopped, alone, in time, and nobody else's cancelling is mistaken for it."""

from __future__ import annotations

import asyncio

import pytest

from syncd.receiver.patience import Patience

pytestmark = pytest.mark.anyio


async def waits(patience: Patience, event: asyncio.Event) -> str:
    try:
        async with patience.of_this_task():
            await event.wait()
    except TimeoutError:
        return "too long"
    return "in time"


async def test_each_that_waits_too_long_is_told_and_the_others_are_not() -> None:
    patience, never, soon = Patience(0.05), asyncio.Event(), asyncio.Event()
    tasks = [asyncio.create_task(waits(patience, event)) for event in (never, soon, never)]
    await asyncio.sleep(0)
    soon.set()
    async with asyncio.timeout(10):
        assert await asyncio.gather(*tasks) == ["too long", "in time", "too long"]


async def test_one_that_begins_later_has_its_whole_time() -> None:
    patience, never, later = Patience(0.1), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    first = asyncio.create_task(waits(patience, never))
    loop.call_later(0.06, later.set)
    async with asyncio.timeout(10):
        await later.wait()
        begun = loop.time()
        assert await waits(patience, never) == "too long"
    assert loop.time() - begun >= 0.09
    assert first.done()


async def test_it_goes_on_after_nobody_waited() -> None:
    patience = Patience(0.02)
    for _ in range(2):
        async with asyncio.timeout(10):
            assert await waits(patience, asyncio.Event()) == "too long"
    async with patience.of_this_task():
        pass
    assert not patience._until
    assert not patience._over


async def test_cancelling_by_somebody_else_stays_cancelling() -> None:
    patience = Patience(60)
    task = asyncio.create_task(waits(patience, asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not patience._until
    patience.close()


async def test_a_task_that_was_stopped_can_go_on_and_wait_again() -> None:
    patience = Patience(0.02)
    async with asyncio.timeout(10):
        assert await waits(patience, asyncio.Event()) == "too long"
        current = asyncio.current_task()
        assert current is not None
        assert current.cancelling() == 0
        await asyncio.sleep(0)
        assert await waits(patience, asyncio.Event()) == "too long"
