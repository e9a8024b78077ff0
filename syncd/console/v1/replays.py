"""/v1/deliveries/replay and /park: what a person does about deliveries. The rows themselves stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.open import Connections
from syncd.console.bearer import Handler
from syncd.console.bodies import Park, Replay
from syncd.console.intake import carried
from syncd.console.within import caller_of, require_deliveries
from syncd.flow.orders import parking, replaying
from syncd.store.database import Database
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class ReplaysApi:
    database: Database
    connections: Connections
    ring: Callable[[Sequence[int]], object]

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", "/v1/deliveries/replay"): self._replay, ("POST", "/v1/deliveries/park"): self._park}

    async def _replay(self, request: Request) -> Response:
        body = carried(request, Replay)
        await run_in_threadpool(require_deliveries, self.database, caller_of(request), body.ids)
        return JSONResponse({"replays": await run_in_threadpool(self.replay, body)})

    async def _park(self, request: Request) -> Response:
        body = carried(request, Park)
        await run_in_threadpool(require_deliveries, self.database, caller_of(request), body.ids)
        return JSONResponse(await run_in_threadpool(self.park, body))

    def replay(self, body: Replay) -> list[Json]:
        if body.dry_run:
            answers = replaying.foresee(self.database, self.connections, body.ids, by=body.by)
        else:
            answers, shards = replaying.replay(self.database, self.connections, body.ids, by=body.by)
            self.ring(shards)
        return [asdict(one) for one in answers]

    def park(self, body: Park) -> Json:
        return {"parked": parking.park(self.database, body.ids, by=body.by, why=body.why)}
