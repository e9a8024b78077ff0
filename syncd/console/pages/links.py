"""The links: which case belongs to which incident, and what waits for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.live import Live, Pieces
from syncd.console.looks import piece
from syncd.console.pages.asked import LinksPage
from syncd.core.changes import Field, Side
from syncd.core.link import LinkState
from syncd.store import link_lines
from syncd.store.database import Database
from syncd.store.link_lines import LinkLine, Show

_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """One link as its line says it."""

    line: LinkLine

    @property
    def state(self) -> tuple[str, str]:
        """The word, and the outcome whose shape it has: what keeps most from it comes first."""
        link, line = self.line.stored.link, self.line
        if link.state is LinkState.ENDED:
            return "ended", "ignored"
        if link.state is LinkState.FAILED:
            return "no incident", "failed"
        if link.conflicts:
            return "conflict", "failed"
        if link.is_paused:
            return "paused", "held"
        if line.held:
            return f"{line.held} held", "held"
        if line.waiting:
            return f"{line.waiting} waiting", "retrying"
        return ("opening", "retrying") if link.state is LinkState.OPENING else ("in step", "applied")

    def status(self, side: str) -> str:
        return self.line.stored.link.value(Side(side), Field.STATUS) or ""


@dataclass(frozen=True, slots=True)
class LinksPages:
    database: Database
    entrance: Entrance
    frames: Frames
    live: Live

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/links", self._list),
            self.entrance.act("/links/events", self._events, "GET"),
        ]

    async def _list(self, request: Request) -> Response:
        asked = query(request, LinksPage)
        pieces = await run_in_threadpool(self._pieces, asked)
        return await self.frames.show(request, "links.html", asked=asked, pieces=pieces)

    async def _events(self, request: Request) -> Response:
        return self.live.stream(request, partial(self._pieces, query(request, LinksPage)))

    def _pieces(self, asked: LinksPage) -> Pieces:
        with self.database.read() as tx:
            lines = link_lines.page(tx, asked.show, about=asked.about, before=asked.before, limit=_ON_A_PAGE)
            counts = link_lines.counts(tx)
        same = {"show": str(asked.show), "about": asked.about}
        last = lines[-1].stored.id if len(lines) == _ON_A_PAGE else None
        now = piece(
            "links_now.html",
            links=[Shown(line) for line in lines],
            counts=counts,
            asked=asked,
            shows=Show,
            newer=f"/links?{urlencode(same)}" if asked.before else "",
            older=f"/links?{urlencode({**same, 'before': last})}" if last else "",
        )
        return {"now": now}
