"""The connectors: what cases are sent by, and which accounts keep them from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.connections.joining.connectors import badge
from syncd.console.entrance import Entrance
from syncd.console.frame import Banner, Frames, banner
from syncd.flow.status import held
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector
from syncd.store.database import Database


@dataclass(frozen=True, slots=True)
class ConnectorLine:
    connector: Connector
    badge: str
    banner: Banner | None  # its account is disconnected


@dataclass(frozen=True, slots=True)
class ConnectorPages:
    database: Database
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/connectors", self._list)]

    async def _list(self, request: Request) -> Response:
        return await self.frames.show(request, "connectors.html", connectors=await run_in_threadpool(self._lines))

    def _lines(self) -> Sequence[ConnectorLine]:
        with self.database.read() as tx:
            accounts = integrations.all_of(tx)
            away = {slug for slug, one in accounts.items() if not one.is_connected}
            kept = held.read(tx, accounts).by_account if away else {}
            banners = {slug: banner(accounts[slug], kept.get(slug, 0)) for slug in away}
            return [
                ConnectorLine(one, badge(one.path), banners.get(one.integration) or banners.get(one.case_system))
                for one in connectors.all_of(tx).values()
            ]
