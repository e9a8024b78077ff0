"""/v1/notices and /v1/channels: what people are told of without asking, and where to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import carried
from syncd.console.queries import NoticeQuery
from syncd.flow.notices.ways import ways
from syncd.store import notices
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json
from syncd.systems.channels.port import Channel


@dataclass(frozen=True, slots=True)
class NoticesApi:
    database: Database
    channels: Callable[[], Mapping[str, Channel]]

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/notices"): self._notices, ("GET", "/v1/channels"): self._channels}

    async def _notices(self, request: Request) -> Response:
        return JSONResponse({"notices": await run_in_threadpool(self.found, carried(request, NoticeQuery))})

    async def _channels(self, _: Request) -> Response:
        return JSONResponse({"channels": await run_in_threadpool(self.listed)})

    def found(self, asked: NoticeQuery) -> list[Json]:
        """Newest first; the next page begins before the id that this one ends with."""
        with self.database.read() as tx:
            rows = notices.listing(tx, asked.limit, before=asked.before, is_standing=asked.is_standing)
        return [row_as_json(asdict(one)) for one in rows]

    def listed(self) -> list[Json]:
        with self.database.read() as tx:
            return [row_as_json(asdict(one)) for one in ways(tx, self.channels())]
