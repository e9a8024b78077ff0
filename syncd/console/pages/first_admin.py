"""Where a link for the first admin leads: a name and a password, and whoever gives them is the admin, and signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.parts import Parts
from syncd.console.strangers import Strangers
from syncd.errors import Conflict, Misconfigured, NotFound, SyncdError
from syncd.flow.access import first_admin
from syncd.flow.access.first_admin import PATH
from syncd.flow.access.passwords import FEWEST, HASHED_AT_ONCE
from syncd.store.users import User

log = structlog.stdlib.get_logger()


@dataclass(frozen=True, slots=True)
class FirstAdminPage:
    parts: Parts
    entrance: Entrance
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    @property
    def strangers(self) -> Strangers:
        return Strangers(self.entrance.sessions)

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page(PATH, self._ask), self.entrance.act(PATH, self._take)]

    async def _ask(self, request: Request) -> Response:
        link = request.query_params.get("link", "")
        try:
            await run_in_threadpool(first_admin.require_good, self.parts.database, link)
        except (NotFound, Conflict) as error:
            return self._refused(request, error)
        return self._show(request, {"link": link})

    async def _take(self, request: Request) -> Response:
        fields = await self.strangers.sent(request)
        try:
            async with self.hashing:
                user = await run_in_threadpool(self._taken, fields)
        except Misconfigured as error:
            return self._show(request, fields, str(error), 422)
        except (NotFound, Conflict) as error:
            log.warning("console.first_admin_refused", address=request.client.host if request.client else "")
            return self._refused(request, error)
        session = await run_in_threadpool(self.entrance.sessions.new_of_user, user)
        if session is None:  # It has another password already, or is disabled.
            return RedirectResponse("/login", 303)
        response = RedirectResponse("/overview", 303)
        self.entrance.sessions.give(response, session)
        return response

    def _taken(self, fields: Mapping[str, str]) -> User:
        given = {name: fields.get(name, "") for name in ("name", "password")}
        return first_admin.take(self.parts.database, fields.get("link", ""), **given)

    def _show(self, request: Request, fields: Mapping[str, str], said: str = "", status: int = 200) -> Response:
        told = {"said": said, "link": fields["link"], "typed": fields.get("name", "")[:255], "fewest": FEWEST}
        return self.strangers.show(request, "first_admin.html", status, **told)

    def _refused(self, request: Request, error: SyncdError) -> Response:
        status = 404 if isinstance(error, NotFound) else 409
        told = {"said": str(error), "link": "", "typed": "", "fewest": FEWEST}
        return self.strangers.show(request, "first_admin.html", status, **told)
