"""What keeps a page live: its pieces are drawn anew every second, once for all who look at it, and each that has changed is sent.

What stands around every page, its banners and the counts of its bar, goes along with each stream: a page adds nothing for it.

A stream lasts no longer than its session, and many of them do not keep hooks waiting: few draw at once, and only so many are open.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from syncd.errors import SyncdError

from .entrance import is_still_let_in, session_of
from .problem import Problem
from .sessions import Session

Pieces = Mapping[str, str]  # element id -> the HTML in it
Draw = Callable[[], Pieces]
Around = Callable[[Session, str], Pieces]  # who looks, at the page of which address: the same for all of one role

TICK = 1.0  # seconds between two looks
QUIET = 15.0  # then a comment keeps proxies from closing the stream
ASKED_EVERY = 3.0  # whether it is still let in
DRAWN_AT_ONCE = 4  # of some forty threads that take hooks as well
MOST, MOST_OF_ONE = 300, 40  # streams of all, and of one session
_HEADERS = {"X-Accel-Buffering": "no"}


@dataclass(slots=True)
class _Page:
    """One that somebody looks at."""

    lookers: int = 0
    drawn_at: float = 0.0
    drawing: asyncio.Task[Pieces | None] | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """One per process."""

    closing: threading.Event  # set when the server is to end
    around: Around
    _pages: dict[tuple[str, ...], _Page] = field(default_factory=dict)
    _of_session: Counter[str] = field(default_factory=Counter)
    _drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DRAWN_AT_ONCE))

    def stream(self, request: Request, draw: Draw, *, is_personal: bool = False) -> Response:
        """What is drawn is the same for everybody who may see the page of this address, unless it is personal: with forms in it, say."""
        if self._of_session.total() >= MOST or self._of_session[session_of(request).cookie] >= MOST_OF_ONE:
            said = "Too many pages are kept live already; this one stays as it was loaded."
            raise Problem(503, said, headers={"Retry-After": "60"})
        return StreamingResponse(
            self._told(request, draw, is_personal=is_personal), media_type="text/event-stream", headers=_HEADERS
        )

    async def _told(self, request: Request, draw: Draw, *, is_personal: bool) -> AsyncIterator[str]:
        shown: dict[str, str] = {}
        quiet = asked = 0.0
        session, path = session_of(request), request.url.path
        own = (f"{path}?{request.url.query}", session.cookie if is_personal else "")
        frame = ("around", path, str(session.caller.role))
        with self._counted(session.cookie), self._looking(own) as page, self._looking(frame) as bar:
            yield ": live\n\n"
            while not self.closing.is_set():
                around = await self._drawn(bar, partial(self.around, session, path), shown)
                fresh = {**around, **await self._drawn(page, draw, shown)}
                changed = [_partial(name, html) for name, html in fresh.items() if shown.get(name) != html]
                if changed:
                    yield _message("".join(changed))
                    quiet = 0.0
                shown.update(fresh)
                if quiet >= QUIET:
                    yield ": still here\n\n"
                    quiet = 0.0
                await asyncio.sleep(TICK)
                quiet, asked = quiet + TICK, asked + TICK
                if asked >= ASKED_EVERY:
                    if not await run_in_threadpool(is_still_let_in, request):
                        return
                    asked = 0.0

    @contextmanager
    def _counted(self, cookie: str) -> Iterator[None]:
        self._of_session[cookie] += 1
        try:
            yield
        finally:
            self._of_session[cookie] -= 1
            if not self._of_session[cookie]:
                del self._of_session[cookie]

    @contextmanager
    def _looking(self, at: tuple[str, ...]) -> Iterator[_Page]:
        page = self._pages.setdefault(at, _Page())
        page.lookers += 1
        try:
            yield page
        finally:
            page.lookers -= 1
            if not page.lookers:
                self._pages.pop(at, None)

    async def _drawn(self, page: _Page, draw: Draw, shown: Pieces) -> Pieces:
        now = asyncio.get_running_loop().time()
        if page.drawing is None or now - page.drawn_at >= TICK:
            page.drawn_at, page.drawing = now, asyncio.create_task(self._draw(draw))
        drawn = await asyncio.shield(page.drawing)
        return shown if drawn is None else drawn

    async def _draw(self, draw: Draw) -> Pieces | None:
        """A database that is away for a moment is no reason to end: what was shown stands until it is back."""
        async with self._drawing:
            try:
                return await run_in_threadpool(draw)
            except SyncdError:
                return None


def _partial(name: str, html: str) -> str:
    return f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{html}</hx-partial>'


def _message(html: str) -> str:
    return "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"
