"""A bundle on its way out: its file is closed whatever becomes of whoever asked for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from starlette.types import Message

from syncd.console.v1.bundles import Sent


@pytest.mark.filterwarnings("error")
def test_whoever_is_gone_before_the_first_byte_leaves_no_open_file(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"bundle")
    file = (tmp_path / "a.zip").open("rb")
    sent = Sent(file, {})

    async def gone(message: Message) -> None:
        raise OSError(32, message["type"])

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def ask() -> None:
        await sent({"type": "http", "asgi": {"spec_version": "2.4"}}, nothing, gone)

    with pytest.raises(Exception, match=r".*"):
        asyncio.run(ask())
    assert file.closed
