"""What each connector makes of what happens, its last real events as they would be carried now, and its priorities changed and tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.connections.joining import priorities
from syncd.connections.joining.connectors import badge
from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages.asked import MappingPage
from syncd.console.parts import Parts
from syncd.core.permissions import Action
from syncd.core.policy import PriorityPair, as_typed
from syncd.errors import NotFound, SyncdError
from syncd.flow.mapped import Mapped, mapped, pairs_of
from syncd.flow.orders import mapping
from syncd.store import connectors
from syncd.store.connectors import Connector


@dataclass(frozen=True, slots=True)
class Editing:
    """A map as it stands in the form, and what PagerDuty has to choose from."""

    text: str
    was: str  # the map that was there when the form was drawn
    there: Sequence[str]  # as far as it was asked, or else as the map names them
    problem: str = ""
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class MappingPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/mappings", self._list),
            self.entrance.page("/mappings/{name}", self._page),
            self.entrance.act("/mappings/{name}/{act}", self._act),
        ]

    async def _list(self, request: Request) -> Response:
        found = await run_in_threadpool(self._all)
        return await self.frames.show(request, "mappings.html", connectors=found, badge=badge)

    def _all(self) -> Sequence[Connector]:
        with self.parts.database.read() as tx:
            return list(connectors.all_of(tx).values())

    async def _page(self, request: Request) -> Response:
        asked, name = query(request, MappingPage), request.path_params["name"]
        found = await run_in_threadpool(self._mapped, name, None)
        editing = await run_in_threadpool(self._editing, found.connector) if asked.edit else None
        return await self._show(request, found, editing)

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        name, act = request.path_params["name"], request.path_params["act"]
        if act not in {"try", "save"}:
            raise NotFound(f"Nothing called {act!r} can be done to a map.")
        text, was = fields.get("priorities", ""), fields.get("was", "")
        try:
            pairs = await run_in_threadpool(self._written, name, text)
            if act == "save":
                await run_in_threadpool(self._save, name, pairs, was, session.name)
                return RedirectResponse(f"/mappings/{name}", 303)
            found = await run_in_threadpool(self._mapped, name, pairs)
        except NotFound:
            raise
        except SyncdError as error:
            found = await run_in_threadpool(self._mapped, name, None)
            editing = Editing(text, was, _names(found.pairs), str(error))
            return await self._show(request, found, editing, status=409)
        return await self._show(request, found, Editing(text, was, _names(found.pairs)))

    def _save(self, name: str, pairs: Sequence[PriorityPair], was: str, by: str) -> None:
        mapping.change(self.parts.database, name, pairs, by=by, was=was)

    def _written(self, name: str, text: str) -> Sequence[PriorityPair]:
        setup = self.parts.setup()
        lines = [line for line in text.splitlines() if line.strip()]
        return priorities.written(setup, priorities.known(setup, name), lines)

    def _mapped(self, name: str, edited: Sequence[PriorityPair] | None) -> Mapped:
        return mapped(self.parts.database, self.parts.connections, name, edited)

    def _editing(self, connector: Connector) -> Editing:
        """PagerDuty is asked what it has; where it cannot be, what the connector knows will do."""
        pairs = pairs_of(connector)
        text = "\n".join(as_typed(pairs))
        try:
            there = [one.name for one in priorities.there(self.parts.setup(), connector)]
        except SyncdError as error:
            return Editing(text, mapping.mark(pairs), _names(pairs), str(error))
        return Editing(text, mapping.mark(pairs), there, is_asked=True)

    async def _show(self, request: Request, found: Mapped, editing: Editing | None, *, status: int = 200) -> Response:
        return await self.frames.show(
            request,
            "mapping.html",
            status,
            it=found,
            editing=editing,
            badge=badge(found.connector.path),
            may_change=session_of(request).caller.may(Action.INTEGRATIONS_MANAGE),
        )


def _names(pairs: Sequence[PriorityPair]) -> Sequence[str]:
    return list(dict.fromkeys(pair.name or pair.incident for pair in pairs))
