"""Which case goes where, and how its incident looks: the rules in their order, the presets, and both tried on a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages.asked import RoutingPage
from syncd.console.parts import Parts
from syncd.console.queries import ExplainQuery, PreviewQuery
from syncd.console.v1.presets import PresetsApi
from syncd.console.v1.routes import RoutesApi
from syncd.core.permissions import Action
from syncd.errors import Misconfigured, NotFound, SyncdError
from syncd.flow.orders import routing
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class Tried:
    """One case, as the rules send it and its preset words it."""

    explained: Json
    preview: Json | None
    why_none: str = ""


@dataclass(frozen=True, slots=True)
class RoutingPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/routing", self._list), self.entrance.act("/routing/{name}/{act}", self._act)]

    async def _list(self, request: Request) -> Response:
        return await self._show(request, query(request, RoutingPage))

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        name, act = request.path_params["name"], request.path_params["act"]
        try:
            await run_in_threadpool(partial(self._do, name, act, fields, by=session.name))
        except NotFound:
            raise
        except SyncdError as error:
            return await self._show(request, RoutingPage(), said=str(error), status=409)
        return RedirectResponse("/routing", 303)

    def _do(self, name: str, act: str, fields: Mapping[str, str], *, by: str) -> None:
        database = self.parts.database
        match act:
            case "move":
                place = fields.get("to", "")
                if not (place.isascii() and place.isdecimal() and len(place) < 10):
                    raise Misconfigured("A place is a number; 1 is asked first.")
                routing.move_rule(database, name, int(place), by=by)
            case "remove":
                routing.remove_rule(database, name, by=by)
            case "remove-preset":
                routing.remove_preset(database, name, by=by)
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to a rule.")

    async def _show(self, request: Request, asked: RoutingPage, *, said: str = "", status: int = 200) -> Response:
        rules = await run_in_threadpool(self._rules().found)
        looks = await run_in_threadpool(self._presets().found)
        tried: Tried | str | None = None
        if asked.case:
            tried = await run_in_threadpool(self._tried, asked.case)
        return await self.frames.show(
            request,
            "routing.html",
            status,
            rules=[{**one, "wants": _wants(one)} for one in rules],
            presets=looks,
            asked=asked,
            tried=tried,
            said=said,
            may_change=session_of(request).caller.may(Action.INTEGRATIONS_MANAGE),
        )

    def _tried(self, case: str) -> Tried | str:
        try:
            explained = self._rules().explain(ExplainQuery(case=case))
        except SyncdError as error:
            return str(error)
        try:
            return Tried(explained, self._presets().preview(PreviewQuery(case=case)))
        except SyncdError as error:
            return Tried(explained, None, str(error))

    def _rules(self) -> RoutesApi:
        return RoutesApi(self.parts.database, self.parts.cases, lambda: self.parts.connections, self.parts.clock)

    def _presets(self) -> PresetsApi:
        return PresetsApi(self.parts.database, self.parts.cases, lambda: self.parts.connections, self.parts.clock)


_NOT_WANTED = frozenset({"place", "name", "connector", "preset"})


def _wants(rule: Json) -> Mapping[str, str]:
    """What a case has to have, for people."""
    found = {name: value for name, value in rule.items() if name not in _NOT_WANTED and value}
    return {name: value if isinstance(value, str) else ", ".join(map(str, value)) for name, value in found.items()}
