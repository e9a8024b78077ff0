"""Signing in, and leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.bearer import is_token
from syncd.console.entrance import Entrance
from syncd.console.parts import Parts
from syncd.console.sessions import KNOWN, Session
from syncd.console.strangers import Strangers
from syncd.core.deeds import SIGN_IN, Deed, End, KnownAs, Way
from syncd.flow.access import logbook, signing_in
from syncd.flow.access.passwords import HASHED_AT_ONCE

_SIGN_IN = "POST /login"


@dataclass(frozen=True, slots=True)
class SigningIn:
    parts: Parts
    entrance: Entrance
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    @property
    def strangers(self) -> Strangers:
        return Strangers(self.entrance.sessions)

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/login", self._ask),
            self.entrance.act("/login", self._login),
            self.entrance.act("/logout", self._logout),
        ]

    async def _ask(self, request: Request) -> Response:
        """Who is signed in already is led on."""
        going, sessions = _own(request.query_params.get("next", "")), self.entrance.sessions
        if await run_in_threadpool(sessions.of, request, self.parts.clock.now()) is not None:
            return RedirectResponse(going or "/", 303)
        return self._gate(request, going)

    async def _login(self, request: Request) -> Response:
        fields = await self.strangers.sent(request)
        going = _own(fields.get("next", ""))
        try:
            session, carried = await self._signed_in(
                request, fields.get("name", "").strip()[:255], fields.get("token", "")
            )
        except signing_in.NotNow as error:
            return self._gate(request, going, str(error), 429, {"Retry-After": str(ceil(error.retry_after))})
        await run_in_threadpool(self._log, session, _address(request))
        if session is None:
            return self._gate(
                request, going, "That is not the API token of this daemon, nor this name's password.", 401
            )
        response = RedirectResponse(going or "/", 303)
        self.entrance.sessions.give(response, session)
        self.entrance.sessions.remember(response, carried)
        return response

    async def _signed_in(self, request: Request, name: str, secret: str) -> tuple[Session | None, str]:
        """With what its browser is to be known by."""
        db, api_token, carried = self.parts.database, self.parts.api_token, request.cookies.get(KNOWN, "")
        browser = await run_in_threadpool(signing_in.known_browser, db, name, carried, api_token)
        attempt = await run_in_threadpool(signing_in.begin, db, name, _address(request), browser)
        if is_token(secret, api_token):
            await run_in_threadpool(signing_in.forgive, db, attempt)
            fresh = self.entrance.sessions.new(name or "Somebody", self.parts.clock.now())
            return fresh, carried if browser else signing_in.to_carry(api_token)
        # Each takes 32 MiB while it lasts, and a thread that waits for another would be missed elsewhere.
        async with self.hashing:
            user = await run_in_threadpool(signing_in.check, db, name, secret, attempt)
        if user is None:
            return None, ""
        session = await run_in_threadpool(self.entrance.sessions.new_of_user, user)
        return session, carried if browser else signing_in.to_carry(user.password)

    def _log(self, session: Session | None, address: str) -> None:
        """Of who fails no name is kept: people type passwords there. Who is slowed down is not tried, and stands in the log alone."""
        db = self.parts.database
        if session is None:
            deed = Deed("", KnownAs.NOBODY, Way.CONSOLE, SIGN_IN, _SIGN_IN, {"from": address} if address else {})
            logbook.note_refusal(db, deed, End.REFUSED, 401, "SYN-API-TOKEN")
            return
        known = KnownAs.USER if session.is_user else KnownAs.OWN_TOKEN
        logbook.note(db, Deed(session.name, known, Way.CONSOLE, SIGN_IN, _SIGN_IN), End.DONE, 303)

    def _gate(
        self, request: Request, going: str, said: str = "", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        response = self.strangers.show(request, "login.html", status, going=going, said=said)
        response.headers.update(headers or {})
        return response

    async def _logout(self, request: Request) -> Response:
        session, _ = await self.entrance.sent(request)
        response = RedirectResponse("/login", 303)
        await run_in_threadpool(self.entrance.sessions.end, response, session)
        return response


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _own(address: str) -> str:
    """Where to go after signing in: only to a page of ours."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_ours else ""
