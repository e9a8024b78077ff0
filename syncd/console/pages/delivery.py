"""One delivery: what was decided or tried, with its request and its answer as they were recorded; and what a person does about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages.asked import OneDelivery
from syncd.console.parts import Parts
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import Misconfigured, NotFound
from syncd.flow.orders import parking, replaying
from syncd.flow.orders.replaying import Answer
from syncd.store import deliveries

_WHY_MOST = 1024


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/deliveries/{delivery:number}", self._page),
            self.entrance.act("/deliveries/{delivery:number}/{act}", self._act),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._show(request, query(request, OneDelivery))

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        number, act = request.path_params["delivery"], request.path_params["act"]
        try:
            said = await run_in_threadpool(self._do, number, act, session.name, fields.get("why", "").strip())
        except Misconfigured as error:
            return await self._show(request, OneDelivery(), said=str(error), status=409)
        if said:
            return await self._show(request, OneDelivery(), said=said)
        return RedirectResponse(f"/deliveries/{number}", 303)

    def _do(self, number: int, act: str, by: str, why: str) -> str:
        """What is to be said of it."""
        self._row(number)  # It says that there is none.
        match act:
            case "replay":
                (answer,), shards = replaying.replay(self.parts.database, self.parts.connections, [number], by=by)
                self.parts.ring(shards)
                return answer.says
            case "park":
                if not why or len(why) > _WHY_MOST:
                    raise Misconfigured("Say why it is parked, for whoever asks later.")
                parked = parking.park(self.parts.database, [number], by=by, why=why)
                return "" if parked else "Nothing was parked: it had been dealt with before."
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to a delivery.")

    async def _show(self, request: Request, asked: OneDelivery, *, said: str = "", status: int = 200) -> Response:
        number, by = request.path_params["delivery"], session_of(request).name
        row = await run_in_threadpool(self._row, number)
        plan = await run_in_threadpool(self._foreseen, number, by) if asked.plan else None
        return await self.frames.show(
            request,
            "delivery.html",
            status,
            row=row,
            plan=plan,
            said=said,
            meaning=SENTENCES.get(Reason(row["reason"]), ""),
            bodies=[(label, _text(row[name])) for label, name in (("Request", "request"), ("Answer", "response"))],
        )

    def _foreseen(self, number: int, by: str) -> Answer:
        (answer,) = replaying.foresee(self.parts.database, self.parts.connections, [number], by=by)
        return answer

    def _row(self, number: int) -> Mapping[str, Any]:
        row = None
        if number < 2**63:  # No database here counts further.
            with self.parts.database.read() as tx:
                row = deliveries.get(tx, number)
        if row is None:
            raise NotFound(f"There is no delivery {number}.")
        return row


def _text(body: object) -> str:
    return "" if body is None else json.dumps(body, indent=1, ensure_ascii=False)
