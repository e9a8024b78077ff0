"""The connectors: what cases are sent by, and which accounts keep them from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from syncd.connections.joining.connectors import badge
from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Banner, Frames, banner
from syncd.console.looks import piece
from syncd.console.pages.making_connectors import Wish, make, offer_of, remove, typed_of
from syncd.console.parts import Parts
from syncd.console.problem import by_fields
from syncd.core.permissions import Action
from syncd.errors import SyncdError
from syncd.flow.orders import removing_connector
from syncd.flow.status import held
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector


@dataclass(frozen=True, slots=True)
class ConnectorLine:
    connector: Connector
    badge: str
    banner: Banner | None  # its account is disconnected


@dataclass(frozen=True, slots=True)
class ConnectorPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/connectors", self._list),
            self.entrance.act("/connectors/look", self._look),
            self.entrance.act("/connectors/make", self._make),
            self.entrance.act("/connectors/{name}/remove", self._remove),
        ]

    async def _list(self, request: Request) -> Response:
        return await self._show(request, Wish())

    async def _look(self, request: Request) -> Response:
        """By script only what the account offers is drawn, so that the form stays as it was typed."""
        _, fields = await self.entrance.sent(request)
        wish = await run_in_threadpool(self._tried, lambda: offer_of(self.parts.setup(), typed_of(fields)), fields)
        if request.headers.get("hx-request"):
            return HTMLResponse(piece("connector_offer.html", wish=wish))
        return await self._show(request, wish)

    async def _make(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        made = await run_in_threadpool(self._tried, lambda: make(self.parts.setup, fields, session.name), fields)
        return await self._show(request, made)

    async def _remove(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        name = request.path_params["name"]
        await run_in_threadpool(removing_connector.account_of, self.parts.database, name)  # It says that there is none.
        gone = await run_in_threadpool(
            self._tried, lambda: remove(self.parts.setup(), name, fields, session.name), fields
        )
        return await self._show(request, gone)

    def _tried(self, does: Callable[[], Wish], fields: Mapping[str, str]) -> Wish:
        try:
            return does()
        except SyncdError as error:
            return Wish(typed_of(fields), said=by_fields(str(error)))

    async def _show(self, request: Request, wish: Wish) -> Response:
        return await self.frames.show(
            request,
            "connectors.html",
            409 if wish.said else 200,
            connectors=await run_in_threadpool(self._lines),
            accounts=await run_in_threadpool(self._accounts),
            wish=wish,
            may_manage=session_of(request).caller.may(Action.INTEGRATIONS_MANAGE),
        )

    def _accounts(self) -> Sequence[str]:
        with self.parts.database.read() as tx:
            return sorted(one.slug for one in integrations.all_of(tx).values() if one.system == "pagerduty")

    def _lines(self) -> Sequence[ConnectorLine]:
        with self.parts.database.read() as tx:
            accounts = integrations.all_of(tx)
            away = {slug for slug, one in accounts.items() if not one.is_connected}
            kept = held.read(tx, accounts).by_account if away else {}
            banners = {slug: banner(accounts[slug], kept.get(slug, 0)) for slug in away}
            return [
                ConnectorLine(one, badge(one.path), banners.get(one.integration) or banners.get(one.case_system))
                for one in connectors.all_of(tx).values()
            ]
