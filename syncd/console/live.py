"""What keeps a page live: its pieces are drawn anew every second, and each that has changed is sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from syncd.errors import SyncdError

Pieces = Mapping[str, str]  # element id -> the HTML in it

TICK = 1.0  # seconds between two looks
QUIET = 15.0  # then a comment keeps proxies from closing the stream
_HEADERS = {"X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Live:
    closing: threading.Event  # set when the server is to end

    def stream(self, draw: Callable[[], Pieces], shown: Pieces | None = None) -> Response:
        """`shown`: what the page has already."""
        return StreamingResponse(self._told(draw, dict(shown or {})), media_type="text/event-stream", headers=_HEADERS)

    async def _told(self, draw: Callable[[], Pieces], shown: dict[str, str]) -> AsyncIterator[str]:
        quiet = 0.0
        yield ": live\n\n"
        while not self.closing.is_set():
            fresh = await self._drawn(draw, shown)
            changed = [_partial(name, html) for name, html in fresh.items() if shown.get(name) != html]
            if changed:
                yield _message("".join(changed))
                quiet = 0.0
            shown.update(fresh)
            if quiet >= QUIET:
                yield ": still here\n\n"
                quiet = 0.0
            await asyncio.sleep(TICK)
            quiet += TICK

    async def _drawn(self, draw: Callable[[], Pieces], shown: Pieces) -> Pieces:
        """A database that is away for a moment is no reason to end: what was shown stands until it is back."""
        try:
            return await run_in_threadpool(draw)
        except SyncdError:
            return shown


def _partial(name: str, html: str) -> str:
    return f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{html}</hx-partial>'


def _message(html: str) -> str:
    return "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"
