"""/v1/deliveries/export: all that a query finds, as one file, and what became of one's own exports.

Lines are sent while they are read, so that there may be any number of them. A file of Parquet is whole before it is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import IO

import anyio.from_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from syncd.console.bearer import Handler
from syncd.console.intake import asked_for, carried
from syncd.console.logbook import Logbook
from syncd.console.problem import Problem
from syncd.console.queries import DeliveryExport
from syncd.console.taking import ACTION, LEFT, ROWS, SHA256, Outgoing, Taking
from syncd.console.within import caller_of
from syncd.core.deeds import Way
from syncd.core.query.kept import without_words
from syncd.core.query.terms import Query
from syncd.errors import NotFound
from syncd.flow.exporting import Export, Format, export_of
from syncd.flow.parquet import ParquetFile, parquet_of, require_parquet
from syncd.store import actions
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json

_PATH = "/v1/deliveries/export"
_MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.NDJSON: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
}
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class ExportApi:
    database: Database
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", _PATH): self._export, ("GET", f"{_PATH}/{{action:number}}"): self._show}

    async def _export(self, request: Request) -> Response:
        return await self.taken(request, carried(request, DeliveryExport), asked_for(request), caller_of(request).scope)

    async def _show(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.one, request.path_params["action"], caller_of(request).name))

    async def taken(
        self, request: Request, asked: DeliveryExport, query: Query, scope: frozenset[str] = frozenset()
    ) -> Response:
        """Its row is begun before anything is read, and ends when it has gone. Whoever asks for its headers alone takes nothing."""
        kind = asked.format
        if kind is Format.PARQUET:
            require_parquet()
        if request.method == "HEAD":
            found = await run_in_threadpool(self.export, asked, query, scope)
            return StreamingResponse(iter(()), headers=_headers(kind, found.rows), media_type=_MEDIA[kind])
        told = {"query": without_words(query), "format": str(kind), "integrations": ", ".join(sorted(scope))}
        number = await Logbook(self.database).begin_with(request, {name: text for name, text in told.items() if text})
        if kind is Format.PARQUET:
            return await self._parquet(request, number, asked, query, scope)
        found = await run_in_threadpool(self.export, asked, query, scope)
        outgoing = Outgoing(found.pieces, head=int(kind is Format.CSV))
        return Taking(self.database, number, outgoing, _headers(kind, found.rows), _MEDIA[kind])

    async def _parquet(
        self, request: Request, number: int, asked: DeliveryExport, query: Query, scope: frozenset[str]
    ) -> Response:
        async with self.turn:
            go_on = partial(anyio.from_thread.run, _require_reader, request)
            made = await run_in_threadpool(self.parquet, asked, query, scope, go_on)
        headers = {**_headers(asked.format, made.rows), SHA256: made.sha256, "Content-Length": str(made.size)}
        outgoing = Outgoing(_pieces(made.file), rows=made.rows, close=made.file.close)
        return Taking(self.database, number, outgoing, headers, _MEDIA[asked.format])

    def export(self, asked: DeliveryExport, query: Query, scope: frozenset[str] = frozenset()) -> Export:
        return export_of(self.database, query, asked.format, scope)

    def parquet(
        self, asked: DeliveryExport, query: Query, scope: frozenset[str], go_on: partial[object]
    ) -> ParquetFile:
        """Who waited for its turn may have gone by now, so that not even the rows are counted."""
        go_on()
        return parquet_of(self.export(asked, query, scope).pieces, go_on)

    def one(self, number: int, who: str) -> Json:
        """Whoever may export need not be let into the action log, and sees there what it took out itself."""
        with self.database.read() as tx:
            found = actions.get(tx, number)
        if found is None or (found.who, found.way, found.act) != (who, Way.API, f"GET {_PATH}"):
            raise NotFound(f"There is no export {number} of yours; its number is the header {ACTION} of its answer.")
        kept = {"id", "at", "named", "outcome", "detail", "ended_at", "taken"}
        return row_as_json({name: value for name, value in asdict(found).items() if name in kept})


def _headers(kind: Format, rows: int) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="deliveries.{kind}"', ROWS: str(rows)}


async def _require_reader(request: Request) -> None:
    """Asked while nothing is sent yet: a file that nobody waits for is not made. Nobody gets this answer, and the log keeps it."""
    if await request.is_disconnected():
        raise Problem(503, "Whoever asked for this has gone.", code=LEFT)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
