"""/v1/deliveries/export: all that a query finds, as one file. It is sent while it is read, so that it may be of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from syncd.console.bearer import Handler
from syncd.console.intake import asked_for, carried
from syncd.console.queries import DeliveryExport
from syncd.console.within import caller_of
from syncd.core.query.terms import Query
from syncd.flow.exporting import Export, Format, export_of
from syncd.store.database import Database

ROWS = "X-Syncd-Rows"  # as many as there were when it began
_MEDIA = {Format.CSV: "text/csv; charset=utf-8", Format.NDJSON: "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class ExportApi:
    database: Database

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/deliveries/export"): self._export}

    async def _export(self, request: Request) -> Response:
        asked, query = carried(request, DeliveryExport), asked_for(request)
        found = await run_in_threadpool(self.export, asked, query, caller_of(request).scope)
        return sent(found, asked.format)

    def export(self, asked: DeliveryExport, query: Query, scope: frozenset[str] = frozenset()) -> Export:
        return export_of(self.database, query, asked.format, scope)


def sent(found: Export, kind: Format) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="deliveries.{kind}"', ROWS: str(found.rows)}
    return StreamingResponse(found.pieces, headers=headers, media_type=_MEDIA[kind])
