"""The page of one case, and signing in to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.bearer import is_token
from syncd.console.entrance import Entrance, session_of
from syncd.console.intake import form
from syncd.console.looks import page
from syncd.console.parts import Parts
from syncd.console.problem import Problem
from syncd.console.sessions import Session
from syncd.core.permissions import Action
from syncd.errors import Conflict
from syncd.flow.access import signing_in
from syncd.flow.access.passwords import HASHED_AT_ONCE
from syncd.store import connectors
from syncd.store.cases import PRIORITIES, Cases, Done, Hand

VIA = "page"


@dataclass(frozen=True, slots=True)
class Pages:
    parts: Parts
    entrance: Entrance
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    def routes(self) -> list[Route]:
        return [
            self.entrance.page("/login", self._ask),
            self.entrance.act("/login", self._login),
            self.entrance.act("/logout", self._logout),
            self.entrance.page("/cases/{key}", self._case),
            self.entrance.act("/cases/{key}/{act}", self._act),
        ]

    async def _ask(self, request: Request) -> Response:
        return _gate(_own(request.query_params.get("next", "")))

    async def _login(self, request: Request) -> Response:
        self.entrance.sessions.check_origin(request)
        fields = await form(request)
        going = _own(fields.get("next", ""))
        try:
            session = await self._signed_in(request, fields.get("name", "").strip()[:255], fields.get("token", ""))
        except signing_in.NotNow as error:
            return _gate(going, str(error), 429, {"Retry-After": str(ceil(error.retry_after))})
        if session is None:
            return _gate(going, "That is not the API token of this daemon, nor this name's password.", 401)
        response = RedirectResponse(going or "/login", 303)
        self.entrance.sessions.give(response, session)
        return response

    async def _signed_in(self, request: Request, name: str, secret: str) -> Session | None:
        db, address = self.parts.database, request.client.host if request.client else ""
        attempt = await run_in_threadpool(signing_in.begin, db, name, address)
        if is_token(secret, self.parts.api_token):
            await run_in_threadpool(signing_in.forgive, db, attempt)
            return self.entrance.sessions.new(name or "Somebody", self.parts.clock.now())
        # Each takes 32 MiB while it lasts, and a thread that waits for another would be missed elsewhere.
        async with self.hashing:
            user = await run_in_threadpool(signing_in.check, db, name, secret, attempt)
        return None if user is None else await run_in_threadpool(self.entrance.sessions.new_of_user, user)

    async def _logout(self, request: Request) -> Response:
        session, _ = await self.entrance.sent(request)
        response = RedirectResponse("/login", 303)
        await run_in_threadpool(self.entrance.sessions.end, response, session)
        return response

    async def _case(self, request: Request) -> Response:
        return await self._show(request.path_params["key"], session_of(request))

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        key, act = request.path_params["key"], request.path_params["act"]
        hand = Hand(session.name, VIA)
        try:
            await run_in_threadpool(_do, self.parts.cases, key, act, hand, fields)
        except Conflict as error:
            return await self._show(key, session, str(error), 409)
        return RedirectResponse(f"/cases/{key}", 303)

    async def _show(self, key: str, session: Session, said: str = "", status: int = 200) -> Response:
        file = await run_in_threadpool(self.parts.cases.file, key)
        is_one_way = await run_in_threadpool(self._is_one_way, file.case.connector)
        return page(
            "case.html",
            status,
            file=file,
            case=file.case,
            said=said,
            session=session,
            token=session.form_token,
            priorities=PRIORITIES,
            has_demo=self.parts.demo is not None,
            is_one_way=is_one_way,
            may_act=session.caller.may(Action.CASES_WRITE),
        )

    def _is_one_way(self, connector: str) -> bool:
        with self.parts.database.read() as tx:
            return connectors.is_one_way(tx, connector)


def _do(cases: Cases, key: str, act: str, hand: Hand, fields: Mapping[str, str]) -> Done:
    text = fields.get("text", "")
    match act:
        case "acknowledge":
            return cases.acknowledge(key, hand)
        case "resolve":
            return cases.resolve(key, hand, text)
        case "close":
            return cases.close(key, hand)
        case "reopen":
            return cases.reopen(key, hand)
        case "priority":
            return cases.set_priority(key, hand, fields.get("priority", ""))
        case "resolution-note":
            return cases.set_resolution_note(key, hand, text)
        case "comments":
            if not text.strip():
                raise Conflict("The comment has no words.")
            return cases.comment(key, hand, text)
        case _:
            raise Problem(404, f"Nothing called {act!r} can be done to a case.")


def _gate(going: str, said: str = "", status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response = page("login.html", status, going=going, said=said, session=None, token="")
    response.headers.update(headers or {})
    return response


def _own(address: str) -> str:
    """Where to go after signing in: only to a page of ours."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_ours else ""
