"""Who asks /v1, and whether it may: the daemon's own API token may do everything, a token of `syncd tokens` what its role says."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from syncd.core.deeds import Deed, Way, harmless
from syncd.core.permissions import Caller, Role
from syncd.credential import OUR_TOKEN
from syncd.errors import SameAccount, SyncdError
from syncd.flow.access import tokens
from syncd.store.database import Database
from syncd.tracing.context import HEADER, under, valid

from .logbook import Logbook, known_as
from .permits import Permit
from .problem import Problem
from .within import require_reach, veiled

Handler = Callable[[Request], Awaitable[Response]]
log = structlog.stdlib.get_logger()

#: Of this machine's own token. It speaks for whoever it says, as the commands on this machine do.
LOCAL = Caller("the daemon's own token", Role.ADMIN, may_name_others=True)


def is_token(given: str, token: str) -> bool:
    """Compared as bytes, because texts outside ASCII cannot be compared in constant time."""
    return bool(token) and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


@dataclass(frozen=True, slots=True)
class Gate:
    token: str
    database: Database

    def only(self, permit: Permit | None, handler: Handler, act: str = "") -> Handler:
        """Nobody gets through a gate without a permit: a route that was forgotten in the table is closed.

        `act` is what the action log calls it, where it changes something. What comes without a token that is one stands only in the
        log of the process: else anybody could fill the table.
        """

        async def entered(request: Request) -> Response:
            caller: Caller = request.state.caller
            if permit is None:
                raise Problem(403, "This address has no action yet, so nobody may use it.", code="SYN-API-NOACTION")
            require_action(caller, permit)
            await run_in_threadpool(require_reach, self.database, caller, permit.reach, request.path_params)
            try:
                with under(valid(request.headers.get(HEADER, ""))):
                    return await self._noted(caller, request, handler)
            except SameAccount as error:
                raise veiled(caller, error) from error

        async def guarded(request: Request) -> Response:
            caller = request.state.caller = await self._caller(request)
            if not act or permit is None or request.method == "HEAD":
                return await entered(request)
            named = harmless(request.path_params)
            deed = Deed(caller.name, known_as(caller), Way.API, permit.action, act, named)
            return await Logbook(self.database).keeping(request, deed, entered)

        return guarded

    async def _caller(self, request: Request) -> Caller:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        try:
            return await self._known(given)
        except tokens.NoEntry as error:
            if request.method not in {"GET", "HEAD"}:
                address = request.client.host if request.client else ""
                log.warning("api.not_let_in", address=address, path=request.url.path, why=str(error))
            raise

    async def _known(self, given: str) -> Caller:
        if is_token(given, self.token):
            return LOCAL
        if not self.token and not given.startswith(OUR_TOKEN):
            raise tokens.NoEntry(
                "This daemon has no API token of its own; set SYNCD_API_TOKEN, or use one of `syncd tokens`."
            )
        return await run_in_threadpool(tokens.caller, self.database, given)

    async def _noted(self, caller: Caller, request: Request, handler: Handler) -> Response:
        """That a token was used is written after the answer, so that nobody waits for it."""
        if not caller.token_id:
            return await handler(request)
        try:
            response = await handler(request)
        except Exception:
            await run_in_threadpool(self._note, caller.token_id)
            raise
        response.background = BackgroundTask(self._note, caller.token_id)
        return response

    def _note(self, token_id: str) -> None:
        try:
            tokens.note_use(self.database, token_id)
        except SyncdError as error:
            log.warning("token.use_not_noted", error=str(error))


def require_action(caller: Caller, permit: Permit) -> None:
    if not caller.may(permit.action):
        raise Problem(403, f"{caller.name} is {_a(caller.role)}, and this needs {permit.action}; ask an admin for it.")


def _a(role: Role) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
