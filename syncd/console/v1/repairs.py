"""/v1/repairs: looking over what an account may have changed unheard, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.console.bearer import Handler
from syncd.console.bodies import Repair
from syncd.console.intake import carried
from syncd.console.queries import RepairQuery
from syncd.console.within import caller_of, require_named
from syncd.errors import NotFound
from syncd.flow.catchup import unheard
from syncd.flow.catchup.compare import compare
from syncd.store import reconciles
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json

_HIDDEN = frozenset({"cursor", "lease_until", "differences", "is_failed"})


@dataclass(frozen=True, slots=True)
class RepairsApi:
    database: Database
    connections: Callable[[], Connections]  # only to compare: it needs the master key
    clock: Clock

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/repairs"): self._list,
            ("POST", "/v1/repairs"): self._ask,
            ("GET", "/v1/links/{link:number}/compare"): self._compare,
        }

    async def _list(self, request: Request) -> Response:
        asked = carried(request, RepairQuery)
        return JSONResponse({"repairs": await run_in_threadpool(self.found, asked, caller_of(request).scope)})

    async def _ask(self, request: Request) -> Response:
        body = carried(request, Repair)
        require_named(caller_of(request), body.integration)
        return JSONResponse({"repairs": await run_in_threadpool(self.ask, body)}, status_code=202)

    async def _compare(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.compare, request.path_params["link"]))

    def compare(self, number: int) -> Json:
        if number >= 2**63:  # No database here counts further.
            raise NotFound(f"There is no link {number}; see `syncd links list`.")
        return asdict(compare(self.database, self.connections(), self.clock, number))

    def found(self, asked: RepairQuery, scope: Collection[str] = ()) -> list[Json]:
        with self.database.read() as tx:
            rows = reconciles.listing(tx, limit=asked.limit, within=scope)
        return [_shown(row) for row in rows]

    def ask(self, body: Repair) -> list[Json]:
        """Those that are to be made: one for each account."""
        asked = unheard.ask(self.database, body.integration, body.since, by=body.by, is_deep=body.is_deep)
        return [row for row in self.found(RepairQuery(limit=500)) if row["id"] in asked]


def _shown(row: Mapping[str, object]) -> Json:
    """Records that were read are not yet differences: `found` is what people ask for."""
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    state = "failed" if row["is_failed"] else row["state"]
    return row_as_json({**shown, "state": state, "records": row["found"], "found": row["differences"]})
