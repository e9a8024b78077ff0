"""/v1/presets: what an opened incident looks like, and how it would look for one case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.console import told_rules
from syncd.console.bearer import Handler
from syncd.console.bodies import AddPreset, RemovePreset
from syncd.console.intake import carried
from syncd.console.queries import PreviewQuery
from syncd.flow import explaining
from syncd.flow.orders import routing
from syncd.store import presets
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class PresetsApi:
    database: Database
    cases: Cases
    connect: Callable[[], Connections]
    clock: Clock = field(default_factory=Clock)

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/presets"): self._list,
            ("POST", "/v1/presets"): self._add,
            ("GET", "/v1/presets/preview"): self._preview,
            ("POST", "/v1/presets/{name}/remove"): self._remove,
        }

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"presets": await run_in_threadpool(self.found)})

    async def _add(self, request: Request) -> Response:
        body = carried(request, AddPreset)
        return JSONResponse(await run_in_threadpool(self.add, body), 201)

    async def _remove(self, request: Request) -> Response:
        body = carried(request, RemovePreset)
        return JSONResponse(await run_in_threadpool(self.remove, request.path_params["name"], body))

    async def _preview(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.preview, carried(request, PreviewQuery)))

    def found(self) -> list[Json]:
        with self.database.read() as tx:
            return [told_rules.preset_shown(one) for one in presets.all_of(tx).values()]

    def add(self, body: AddPreset) -> Json:
        accounts = told_rules.accounts(self.database, self.connect, self.clock)
        given = body.model_dump(exclude={"by", "replace"})
        return told_rules.done(routing.add_preset(self.database, given, accounts, replaces=body.replace, by=body.by))

    def remove(self, name: str, body: RemovePreset) -> Json:
        return told_rules.done(routing.remove_preset(self.database, name, by=body.by))

    def preview(self, asked: PreviewQuery) -> Json:
        told = explaining.explained(self.database, self.cases, self.connect, asked.case, asked.system)
        it = explaining.previewed(self.database, told, asked.preset, asked.connector)
        return told_rules.previewed(told.asking.case_id, it)
