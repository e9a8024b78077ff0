"""/v1/actions: the action log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import carried
from syncd.console.queries import ActionQuery
from syncd.store import actions
from syncd.store.actions import Asked, required
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class ActionsApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/actions"): self._list, ("GET", "/v1/actions/{action:number}"): self._show}

    async def _list(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.found, carried(request, ActionQuery)))

    async def _show(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.one, request.path_params["action"]))

    def one(self, number: int) -> Json:
        with self.database.read() as tx:
            return row_as_json(asdict(required(tx, number)))

    def found(self, asked: ActionQuery) -> Json:
        wanted = Asked(asked.who, asked.action, asked.way or "", asked.outcome or "", asked.since)
        with self.database.read() as tx:
            rows = actions.listing(tx, wanted, before=asked.before, limit=asked.limit)
        following = rows[-1].id if len(rows) == asked.limit else None
        return {"actions": [row_as_json(asdict(one)) for one in rows], "next": following}
