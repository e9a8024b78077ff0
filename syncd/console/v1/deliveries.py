"""/v1/deliveries: every attempt and every decision not to act. Read only, as the rows are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import asked_for, carried
from syncd.console.queries import DeliveryPage
from syncd.console.within import caller_of
from syncd.core.query.terms import Query
from syncd.errors import NotFound
from syncd.store import deliveries
from syncd.store.audit.pages import Page, Place, before, page, place
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database, Tx
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class DeliveriesApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/deliveries"): self._list, ("GET", "/v1/deliveries/{delivery:number}"): self._show}

    async def _list(self, request: Request) -> Response:
        asked, query = carried(request, DeliveryPage), asked_for(request)
        return JSONResponse(await run_in_threadpool(self.found, asked, query, caller_of(request).scope))

    async def _show(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.one, request.path_params["delivery"]))

    def found(self, asked: DeliveryPage, query: Query, scope: frozenset[str] = frozenset()) -> Json:
        """`next` is the `after` of the page that follows; null on the last."""
        rows = self.rows(asked, query, scope)
        following = None if rows.next is None else str(rows.next)
        return {"deliveries": [row_as_json(row) for row in rows.rows], "next": following}

    def rows(self, asked: DeliveryPage, query: Query, scope: frozenset[str] = frozenset()) -> Page:
        with patient_read(self.database) as tx:
            return page(tx, query, self.database.now(tx), limit=asked.limit, after=_after(tx, asked), within=scope)

    def one(self, number: int) -> Json:
        row = None
        if number < 2**63:  # No database here counts further.
            with self.database.read() as tx:
                row = deliveries.get(tx, number)
        if row is None:
            raise NotFound(f"There is no delivery {number}; see `syncd deliveries list`.")
        return row_as_json(row)


def _after(tx: Tx, asked: DeliveryPage) -> Place | None:
    if asked.after:
        return place(asked.after)
    return None if asked.before is None else before(tx, asked.before)
