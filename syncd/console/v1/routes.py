"""/v1/routes: the rules in their order, what a case makes of them, and the file that holds them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.routing import file
from syncd.console import told_rules
from syncd.console.bearer import Handler
from syncd.console.bodies import (
    AddRule,
    ImportRules,
    MoveRule,
    RemoveRule,
)
from syncd.console.intake import carried
from syncd.console.queries import ExplainQuery
from syncd.flow import explaining
from syncd.flow.chart import Chart
from syncd.flow.orders import routing
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class RoutesApi:
    database: Database
    cases: Cases
    connect: Callable[[], Connections]
    clock: Clock = field(default_factory=Clock)

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/routes"): self._list,
            ("POST", "/v1/routes"): self._add,
            ("GET", "/v1/routes/explain"): self._explain,
            ("GET", "/v1/routes/export"): self._export,
            ("POST", "/v1/routes/import"): self._import,
            ("POST", "/v1/routes/{name}/move"): self._move,
            ("POST", "/v1/routes/{name}/remove"): self._remove,
        }

    async def _list(self, _: Request) -> Response:
        return JSONResponse({"routes": await run_in_threadpool(self.found)})

    async def _add(self, request: Request) -> Response:
        body = carried(request, AddRule)
        return JSONResponse(await run_in_threadpool(self.add, body), 201)

    async def _move(self, request: Request) -> Response:
        body = carried(request, MoveRule)
        return JSONResponse(await run_in_threadpool(self.move, request.path_params["name"], body))

    async def _remove(self, request: Request) -> Response:
        body = carried(request, RemoveRule)
        return JSONResponse(await run_in_threadpool(self.remove, request.path_params["name"], body))

    async def _explain(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.explain, carried(request, ExplainQuery)))

    async def _export(self, _: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.export))

    async def _import(self, request: Request) -> Response:
        body = carried(request, ImportRules)
        return JSONResponse(await run_in_threadpool(self.take_over, body))

    def found(self) -> list[Json]:
        return [told_rules.rule_shown(place, rule) for place, rule in enumerate(self._chart().rules, 1)]

    def add(self, body: AddRule) -> Json:
        given = body.model_dump(exclude={"by", "at", "replace"}, exclude_none=True)
        return told_rules.done(routing.add_rule(self.database, given, at=body.at, replaces=body.replace, by=body.by))

    def move(self, name: str, body: MoveRule) -> Json:
        return told_rules.done(routing.move_rule(self.database, name, body.to, by=body.by))

    def remove(self, name: str, body: RemoveRule) -> Json:
        return told_rules.done(routing.remove_rule(self.database, name, by=body.by))

    def explain(self, asked: ExplainQuery) -> Json:
        return told_rules.explained(
            explaining.explained(self.database, self.cases, self.connect, asked.case, asked.system)
        )

    def export(self) -> Json:
        chart = self._chart()
        return {"text": file.written(list(chart.presets.values()), chart.rules)}

    def take_over(self, body: ImportRules) -> Json:
        accounts = told_rules.accounts(self.database, self.connect, self.clock)
        did = routing.take_over(self.database, body.file, body.text, accounts, is_check=body.check, by=body.by)
        return {**told_rules.done(did), "check": body.check}

    def _chart(self) -> Chart:
        with self.database.read() as tx:
            return Chart.read(tx)
