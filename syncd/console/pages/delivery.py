"""One delivery: what was decided or tried, with its request and its answer as they were recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import NotFound
from syncd.store import deliveries
from syncd.store.database import Database


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    database: Database
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/deliveries/{delivery:number}", self._page)]

    async def _page(self, request: Request) -> Response:
        row = await run_in_threadpool(self._row, request.path_params["delivery"])
        return await self.frames.show(
            request,
            "delivery.html",
            row=row,
            meaning=SENTENCES.get(Reason(row["reason"]), ""),
            bodies=[(label, _text(row[name])) for label, name in (("Request", "request"), ("Answer", "response"))],
        )

    def _row(self, number: int) -> Mapping[str, Any]:
        row = None
        if number < 2**63:  # No database here counts further.
            with self.database.read() as tx:
                row = deliveries.get(tx, number)
        if row is None:
            raise NotFound(f"There is no delivery {number}.")
        return row


def _text(body: object) -> str:
    return "" if body is None else json.dumps(body, indent=1, ensure_ascii=False)
