"""/v1/connectors/{name}/mappings: what a connector makes of what happens, and of its last events by another map; and changing the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining import priorities
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.console import told_mappings
from syncd.console.bearer import Handler
from syncd.console.bodies import ChangePriorities
from syncd.console.intake import carried
from syncd.console.queries import MappingsQuery
from syncd.console.within import caller_of
from syncd.core.permissions import Caller
from syncd.errors import NotFound
from syncd.flow.mapped import mapped
from syncd.flow.orders import mapping
from syncd.store.database import Database
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class MappingsApi:
    database: Database
    connect: Callable[[], Connections]
    setup: Callable[[], Setup]

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/connectors/{name}/mappings"): self._show,
            ("POST", "/v1/connectors/{name}/priorities"): self._change,
        }

    async def _show(self, request: Request) -> Response:
        asked, name = carried(request, MappingsQuery), request.path_params["name"]
        await run_in_threadpool(self._require_mine, caller_of(request), name)
        return JSONResponse(await run_in_threadpool(self.shown, name, asked))

    async def _change(self, request: Request) -> Response:
        body, name = carried(request, ChangePriorities), request.path_params["name"]
        await run_in_threadpool(self._require_mine, caller_of(request), name)
        return JSONResponse(await run_in_threadpool(self.change, name, body))

    def _require_mine(self, caller: Caller, name: str) -> None:
        """Of a connector that is not its own a token learns nothing, not even that it is there."""
        if caller.is_scoped and not caller.reaches(priorities.known(self.setup(), name).integration):
            raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")

    def shown(self, name: str, asked: MappingsQuery) -> Json:
        edited = None
        if asked.priorities is not None:
            setup = self.setup()
            wanted = [one for one in asked.priorities.split(",") if one.strip()]
            edited = priorities.written(setup, priorities.known(setup, name), wanted)
        return told_mappings.mapped(mapped(self.database, self.connect(), name, edited))

    def change(self, name: str, body: ChangePriorities) -> Json:
        setup = self.setup()
        pairs = priorities.written(setup, priorities.known(setup, name), body.priorities)
        is_changed = mapping.change(self.database, name, pairs, by=body.by)
        says = f"The priorities of {name} are {mapping.said(pairs)}{'' if is_changed else ', as they were'}."
        found = mapped(self.database, self.connect(), name)
        return {
            "connector": name,
            "priorities": told_mappings.pairs(pairs),
            "changed": is_changed,
            "unmapped": list(found.unmapped),
            "unheard": list(found.unheard),
            "warnings": told_mappings.warnings(pairs, found.unmapped, found.unheard),
            "says": says,
        }
