"""What both sides changed at once, for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.parts import Parts
from syncd.console.problem import Problem
from syncd.core.changes import Field, Side
from syncd.errors import SyncdError
from syncd.flow import conflicts
from syncd.flow.orders import resolving

_MOST = 200


@dataclass(frozen=True, slots=True)
class ConflictPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/conflicts", self._list), self.entrance.act("/conflicts", self._decide)]

    async def _list(self, request: Request) -> Response:
        return await self._show(request)

    async def _decide(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        try:
            await run_in_threadpool(self._resolve, fields, session.name)
        except SyncdError as error:
            return await self._show(request, said=str(error), status=409)
        return RedirectResponse("/conflicts", 303)

    def _resolve(self, fields: Mapping[str, str], by: str) -> None:
        try:
            number, field, side = (
                int(fields.get("link", "")),
                Field(fields.get("field", "")),
                Side(fields.get("to", "")),
            )
        except ValueError as error:
            raise Problem(422, "The form names no conflict; open the page again.") from error
        shards = resolving.resolve(self.parts.database, self.parts.connections, number, field, side, by=by)
        self.parts.ring(shards)

    async def _show(self, request: Request, *, said: str = "", status: int = 200) -> Response:
        found = await run_in_threadpool(self._found)
        return await self.frames.show(request, "conflicts.html", status, conflicts=found, said=said)

    def _found(self) -> Sequence[conflicts.Told]:
        with self.parts.database.read() as tx:
            return conflicts.listing(tx, _MOST)
