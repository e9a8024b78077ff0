"""The action log of what comes over HTTP: a row before it is done, and how it ended when it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from syncd.core.deeds import Deed, KnownAs, end_of, harmless
from syncd.core.permissions import Caller
from syncd.flow.access import logbook
from syncd.store.database import Database

from .problem import refusal_of
from .taking import Taking

Handler = Callable[[Request], Awaitable[Response]]


def known_as(caller: Caller) -> KnownAs:
    return KnownAs.OWN_TOKEN if caller.may_name_others else KnownAs.TOKEN


@dataclass(frozen=True, slots=True)
class Logbook:
    database: Database

    async def keeping(self, request: Request, deed: Deed, doing: Handler) -> Response:
        """Whatever becomes of it. What is refused before it has begun is a row as well."""
        request.state.deed, request.state.logged = deed, None
        try:
            response = await doing(request)
        except Exception as error:
            await self._end(request, *refusal_of(error))
            raise
        if not isinstance(response, Taking):
            await self._end(request, response.status_code)
        return response

    def begins(self, handler: Handler) -> Handler:
        """Once a request of /v1 is read."""

        async def begun(request: Request) -> Response:
            await self.begin(request, request.state.carried.model_dump())
            return await handler(request)

        return begun

    async def begin(self, request: Request, given: Mapping[str, Any]) -> None:
        """From here on something may change; without a row nothing does."""
        deed: Deed = request.state.deed
        await self.begin_with(
            request, {name: text for name, text in harmless(given).items() if (name, text) != ("by", deed.who)}
        )

    async def begin_with(self, request: Request, told: Mapping[str, str]) -> int:
        """What is told has been looked through: it may be read by auditors, and is kept. The number of its row."""
        deed: Deed = request.state.deed
        request.state.deed = replace(deed, named={**told, **deed.named})
        number: int = await run_in_threadpool(logbook.begin, self.database, request.state.deed)
        request.state.logged = number
        return number

    async def _end(self, request: Request, status: int, code: str = "") -> None:
        number, end = request.state.logged, end_of(status)
        if number is None:
            await run_in_threadpool(logbook.note_refusal, self.database, request.state.deed, end, status, code)
        else:
            await run_in_threadpool(logbook.end, self.database, number, end, status, code)
