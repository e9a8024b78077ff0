"""/v1/deliveries: every attempt and every decision not to act. Read only, as the rows are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.bodies import DeliveryQuery
from syncd.console.intake import query
from syncd.console.within import caller_of
from syncd.errors import NotFound
from syncd.store import deliveries
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json

#: How a filter is asked for -> the column it is about.
COLUMNS = {
    "case": "case_id",
    "incident": "incident_id",
    "link": "link_id",
    "outcome": "outcome",
    "reason": "reason",
    "direction": "direction",
}


@dataclass(frozen=True, slots=True)
class DeliveriesApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/deliveries"): self._list, ("GET", "/v1/deliveries/{delivery:number}"): self._show}

    async def _list(self, request: Request) -> Response:
        asked = query(request, DeliveryQuery)
        found = await run_in_threadpool(self.found, asked, caller_of(request).scope)
        following = found[-1]["id"] if len(found) == asked.limit else None
        return JSONResponse({"deliveries": found, "next": following})

    async def _show(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.one, request.path_params["delivery"]))

    def found(self, asked: DeliveryQuery, scope: frozenset[str] = frozenset()) -> list[Json]:
        given = {column: getattr(asked, name) for name, column in COLUMNS.items()}
        filters = {column: value for column, value in given.items() if value is not None}
        with self.database.read() as tx:
            rows = deliveries.find(tx, filters, limit=asked.limit, before=asked.before, within=scope)
        return [row_as_json(row) for row in rows]

    def one(self, number: int) -> Json:
        row = None
        if number < 2**63:  # No database here counts further.
            with self.database.read() as tx:
                row = deliveries.get(tx, number)
        if row is None:
            raise NotFound(f"There is no delivery {number}; see `syncd deliveries list`.")
        return row_as_json(row)
