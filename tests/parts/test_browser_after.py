"""Runs after test_browser.py, in the same process: the browser that module opened must not spoil what follows it."""

from __future__ import annotations

import asyncio


def test_asyncio_runs_again_after_a_browser_module() -> None:
    async def answer() -> int:
        return 7

    assert asyncio.run(answer()) == 7
