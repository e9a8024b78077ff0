"""/v1/arrivals: hooks as they came in. What looks like a secret in one is masked, as it is in deliveries."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.intake import carried
from syncd.console.queries import ArrivalQuery
from syncd.console.within import caller_of
from syncd.errors import NotFound
from syncd.store import arrival_lines
from syncd.store.arrival_lines import Asked
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json
from syncd.systems import redact

_BEYOND = 2**63  # no database here counts that far


@dataclass(frozen=True, slots=True)
class ArrivalsApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/arrivals"): self._list,
            ("GET", "/v1/arrivals/{arrival:number}"): self._show,
        }

    async def _list(self, request: Request) -> Response:
        asked = carried(request, ArrivalQuery)
        return JSONResponse(await run_in_threadpool(self.found, asked, caller_of(request).scope))

    async def _show(self, request: Request) -> Response:
        number = request.path_params["arrival"]
        row = await run_in_threadpool(self._row, number)
        if row is None:
            raise NotFound(f"There is no hook {number}; `GET /v1/arrivals` lists those there are.")
        return JSONResponse(_with_body(row))

    def found(self, asked: ArrivalQuery, scope: Collection[str] = ()) -> Json:
        wanted = Asked(asked.source, asked.record, asked.state or "")
        with self.database.read() as tx:
            rows = arrival_lines.listing(tx, wanted, before=asked.before, limit=asked.limit, within=scope)
        following = rows[-1]["id"] if len(rows) == asked.limit else None
        return {"arrivals": [row_as_json(one) for one in rows], "next": following}

    def _row(self, number: int) -> Mapping[str, object] | None:
        if number >= _BEYOND:
            return None
        with self.database.read() as tx:
            return arrival_lines.one(tx, number)


def _with_body(row: Mapping[str, object]) -> Json:
    body = row["body"]
    told = _told(body) if isinstance(body, bytes) and row["body_pruned_at"] is None else None
    return {**row_as_json({name: value for name, value in row.items() if name != "body"}), "body": told}


def _told(body: bytes) -> object:
    """As JSON where it is some, else as text."""
    try:
        read: object = json.loads(body)
    except ValueError:
        read = body.decode("utf-8", "replace")
    return redact.whole(read)
