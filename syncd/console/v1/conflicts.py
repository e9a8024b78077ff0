"""/v1/conflicts: fields that both sides changed at once, and what a person decides about each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.open import Connections
from syncd.console.bearer import Handler
from syncd.console.bodies import ResolveConflict
from syncd.console.intake import carried
from syncd.console.queries import ConflictQuery
from syncd.console.within import caller_of, require_links
from syncd.core.changes import Field, Side
from syncd.flow import conflicts
from syncd.flow.orders import resolving
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class ConflictsApi:
    database: Database
    connections: Callable[[], Connections]  # only to resolve: it needs the master key
    ring: Callable[[Sequence[int]], object]

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/v1/conflicts"): self._list, ("POST", "/v1/conflicts/resolve"): self._resolve}

    async def _list(self, request: Request) -> Response:
        asked = carried(request, ConflictQuery)
        return JSONResponse({"conflicts": await run_in_threadpool(self.found, asked, caller_of(request).scope)})

    async def _resolve(self, request: Request) -> Response:
        body = carried(request, ResolveConflict)
        await run_in_threadpool(require_links, self.database, caller_of(request), [body.link])
        return JSONResponse(await run_in_threadpool(self.resolve, body))

    def found(self, asked: ConflictQuery, scope: Collection[str] = ()) -> list[Json]:
        with self.database.read() as tx:
            return [row_as_json(asdict(one)) for one in conflicts.listing(tx, asked.limit, scope)]

    def resolve(self, body: ResolveConflict) -> Json:
        """What was decided, as it was asked for; the change itself goes out as any other."""
        chosen = Side.CASE if body.to == "case" else Side.INCIDENT
        shards = resolving.resolve(self.database, self.connections(), body.link, Field(body.field), chosen, by=body.by)
        self.ring(shards)
        who = "the case" if chosen is Side.CASE else "PagerDuty"
        says = f"The {body.field} of link {body.link} is now what {who} says; it goes to the other side as any change does."
        return {"link": body.link, "field": body.field, "to": body.to, "by": body.by, "says": says}
