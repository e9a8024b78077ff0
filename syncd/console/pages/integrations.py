"""The accounts, and the page of one: whether it is connected, what its key may do, and what happened to the connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.pages.accounts import AccountLine, account_lines
from syncd.core.checked import Checked
from syncd.errors import NotFound, SyncdError
from syncd.flow.doctor import rights
from syncd.flow.orders import restraint
from syncd.store import connection_log, connectors, probes
from syncd.store.connection_log import Event
from syncd.store.connectors import Connector
from syncd.store.database import Database

_EVENTS = 30


@dataclass(frozen=True, slots=True)
class Seen:
    line: AccountLine
    checks: Sequence[Checked]
    events: Sequence[Event]
    connectors: Sequence[Connector]


@dataclass(frozen=True, slots=True)
class IntegrationPages:
    database: Database
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/integrations", self._list),
            self.entrance.page("/integrations/{slug}", self._page),
            self.entrance.act("/integrations/{slug}/{act}", self._act),
        ]

    async def _list(self, request: Request) -> Response:
        return await self.frames.show(request, "integrations.html", accounts=await run_in_threadpool(self._lines))

    async def _page(self, request: Request) -> Response:
        return await self._show(request)

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        slug, act = request.path_params["slug"], request.path_params["act"]
        try:
            await run_in_threadpool(self._do, slug, act, session.name, fields)
        except NotFound:
            raise
        except SyncdError as error:
            return await self._show(request, said=str(error), status=409)
        return RedirectResponse(f"/integrations/{slug}", 303)

    def _do(self, slug: str, act: str, by: str, fields: Mapping[str, str]) -> None:
        match act:
            case "pause":
                restraint.pause(self.database, slug, by=by, why=fields.get("why", "").strip())
            case "resume":
                restraint.resume(self.database, slug, by=by)
            case "observe":
                restraint.observe(self.database, slug, by=by)
            case "write-again":
                restraint.write_again(self.database, slug, by=by)
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to an account.")

    async def _show(self, request: Request, *, said: str = "", status: int = 200) -> Response:
        seen = await run_in_threadpool(self._seen, request.path_params["slug"])
        return await self.frames.show(request, "integration.html", status, seen=seen, it=seen.line.account, said=said)

    def _lines(self) -> Sequence[AccountLine]:
        with self.database.read() as tx:
            return account_lines(tx)

    def _seen(self, slug: str) -> Seen:
        with self.database.read() as tx:
            line = next((one for one in account_lines(tx) if one.account.slug == slug), None)
            if line is None:
                raise NotFound(f"There is no account called {slug}; the list of accounts shows those there are.")
            is_asked = line.account.system == "pagerduty"
            kept = rights.last_found(probes.of(tx, slug), line.account) if is_asked else []
            events = connection_log.listing(tx, slug, limit=_EVENTS)
            mine = [one for one in connectors.all_of(tx).values() if slug in {one.integration, one.case_system}]
            return Seen(line, [one for one, _ in kept], events, mine)
