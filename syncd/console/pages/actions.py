"""The action log: who has done what here, by which way, on what, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages.asked import ActionsAsked
from syncd.core.deeds import End
from syncd.store import actions
from syncd.store.actions import Asked, Logged
from syncd.store.database import Database

_ON_A_PAGE = 50
#: The outcome whose shape each has.
_SHAPED = {End.BEGUN: "held", End.DONE: "applied", End.REFUSED: "rejected", End.FAILED: "failed"}


@dataclass(frozen=True, slots=True)
class ActionsPage:
    database: Database
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/settings/actions", self._list),
            self.entrance.page("/settings/actions/{action:number}", self._one),
        ]

    async def _one(self, request: Request) -> Response:
        one = await run_in_threadpool(self._row, request.path_params["action"])
        return await self.frames.show(request, "action.html", one=one, shaped=_SHAPED)

    async def _list(self, request: Request) -> Response:
        asked = query(request, ActionsAsked)
        rows = await run_in_threadpool(self._rows, asked)
        same = {name: value for name, value in (("who", asked.who), ("action", asked.action)) if value}
        last = rows[-1].id if len(rows) == _ON_A_PAGE else None
        return await self.frames.show(
            request,
            "actions.html",
            rows=rows,
            asked=asked,
            shaped=_SHAPED,
            newer=f"/settings/actions?{urlencode(same)}" if asked.before else "",
            older=f"/settings/actions?{urlencode({**same, 'before': last})}" if last else "",
        )

    def _row(self, number: int) -> Logged:
        with self.database.read() as tx:
            return actions.required(tx, number)

    def _rows(self, asked: ActionsAsked) -> Sequence[Logged]:
        with self.database.read() as tx:
            return actions.listing(tx, Asked(asked.who, asked.action), before=asked.before, limit=_ON_A_PAGE)
