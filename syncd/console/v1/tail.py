"""/v1/deliveries/tail: deliveries as they come in, each once, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import asked_for, carried
from syncd.console.queries import DeliveryTail
from syncd.console.within import caller_of
from syncd.core.query.terms import Query
from syncd.store.audit import following
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class TailApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/deliveries/tail"): self._tail}

    async def _tail(self, request: Request) -> Response:
        asked, query = carried(request, DeliveryTail), asked_for(request)
        return JSONResponse(await run_in_threadpool(self.tail, asked, query, caller_of(request).scope))

    def tail(self, asked: DeliveryTail, query: Query, scope: frozenset[str] = frozenset()) -> Json:
        with self.database.read() as tx:
            now = self.database.now(tx)
        if asked.after:
            after = following.place(asked.after)
        else:
            with patient_read(self.database) as tx:
                after = following.begin(tx, now, asked.since)
        with patient_read(self.database) as tx:
            seen = following.look(tx, after, query, now, limit=asked.limit, within=scope)
        rows = [row_as_json(row) for row in seen.rows]
        return {"deliveries": rows, "next": str(seen.next), "is_more": seen.is_more}
