"""The accounts, and the page of one: whether it is connected, what its key may do, and what happened to the connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.live import Live
from syncd.console.looks import piece
from syncd.console.pages.accounts import AccountLine, account_lines
from syncd.console.pages.managing import Managing
from syncd.console.pages.webhook_seen import WebhookLine, webhook_lines
from syncd.console.parts import Parts
from syncd.core.checked import Checked
from syncd.core.permissions import Action
from syncd.errors import NotFound, SyncdError
from syncd.flow.doctor import rights
from syncd.flow.orders import restraint
from syncd.store import connection_log, connectors, probes
from syncd.store.connection_log import Event
from syncd.store.connectors import Connector

_EVENTS = 30


@dataclass(frozen=True, slots=True)
class Seen:
    line: AccountLine
    checks: Sequence[Checked]
    events: Sequence[Event]
    connectors: Sequence[Connector]
    webhook: Sequence[WebhookLine]


@dataclass(frozen=True, slots=True)
class IntegrationPages:
    parts: Parts
    entrance: Entrance
    frames: Frames
    live: Live

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/integrations", self._list),
            self.entrance.page("/integrations/{slug}", self._page),
            self.entrance.act("/integrations/{slug}/events", self._events, "GET"),
            self.entrance.act("/integrations/{slug}/{act}", self._act),
            self.entrance.act("/integrations/{slug}/manage/{act}", self._manage),
        ]

    async def _list(self, request: Request) -> Response:
        may_connect = session_of(request).caller.may(Action.INTEGRATIONS_MANAGE)
        lines = await run_in_threadpool(self._lines)
        return await self.frames.show(request, "integrations.html", accounts=lines, may_connect=may_connect)

    async def _page(self, request: Request) -> Response:
        return await self._show(request)

    async def _events(self, request: Request) -> Response:
        """Whoever has just connected it sees the ping of its webhook come."""
        slug = request.path_params["slug"]
        await run_in_threadpool(self._seen, slug)  # It says that there is none.
        return self.live.stream(request, lambda: {"webhook": _drawn(self._seen(slug))})

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

    async def _manage(self, request: Request) -> Response:
        """What asks PagerDuty, and what only an admin may do: its sentence is shown, whatever came of it."""
        session, fields = await self.entrance.sent(request)
        slug, act = request.path_params["slug"], request.path_params["act"]
        managing = Managing(self.parts.setup, self.parts.public_url)
        try:
            said = await run_in_threadpool(managing.do, slug, act, fields, session.name)
        except NotFound:
            raise
        except SyncdError as error:
            return await self._show(request, said=str(error), status=409)
        if act == "remove":
            return RedirectResponse("/integrations", 303)
        return await self._show(request, done=said)

    def _do(self, slug: str, act: str, by: str, fields: Mapping[str, str]) -> None:
        match act:
            case "pause":
                restraint.pause(self.parts.database, slug, by=by, why=fields.get("why", "").strip())
            case "resume":
                restraint.resume(self.parts.database, slug, by=by)
            case "observe":
                restraint.observe(self.parts.database, slug, by=by)
            case "write-again":
                restraint.write_again(self.parts.database, slug, by=by)
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to an account.")

    async def _show(self, request: Request, *, said: str = "", done: str = "", status: int = 200) -> Response:
        seen = await run_in_threadpool(self._seen, request.path_params["slug"])
        may_manage = session_of(request).caller.may(Action.INTEGRATIONS_MANAGE)
        return await self.frames.show(
            request,
            "integration.html",
            status,
            seen=seen,
            webhook=_drawn(seen),
            it=seen.line.account,
            said=said,
            done=done,
            may_manage=may_manage,
        )

    def _lines(self) -> Sequence[AccountLine]:
        with self.parts.database.read() as tx:
            return account_lines(tx)

    def _seen(self, slug: str) -> Seen:
        with self.parts.database.read() as tx:
            line = next((one for one in account_lines(tx) if one.account.slug == slug), None)
            if line is None:
                raise NotFound(f"There is no account called {slug}; the list of accounts shows those there are.")
            is_asked = line.account.system == "pagerduty"
            kept = rights.last_found(probes.of(tx, slug), line.account) if is_asked else []
            events = connection_log.listing(tx, slug, limit=_EVENTS)
            mine = [one for one in connectors.all_of(tx).values() if slug in {one.integration, one.case_system}]
            webhook = webhook_lines(tx, line.account, self.parts.public_url)
            return Seen(line, [one for one, _ in kept], events, mine, webhook)


def _drawn(seen: Seen) -> str:
    return piece("integration_webhook.html", lines=seen.webhook)
