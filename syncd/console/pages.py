"""The page of one case, and signing in to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.errors import Conflict
from syncd.store import integrations
from syncd.store.cases import PRIORITIES, Cases, Done, Hand

from .bearer import is_token
from .entrance import Entrance
from .intake import form
from .looks import page
from .parts import Parts
from .problem import Problem
from .sessions import Session

VIA = "page"


@dataclass(frozen=True, slots=True)
class Pages:
    parts: Parts
    entrance: Entrance

    def routes(self) -> list[Route]:
        return [
            Route("/login", self._ask, methods=["GET"]),
            Route("/login", self._login, methods=["POST"]),
            Route("/logout", self._logout, methods=["POST"]),
            Route("/cases/{key}", self._case, methods=["GET"]),
            Route("/cases/{key}/{act}", self._act, methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        return page("login.html", going=_own(request.query_params.get("next", "")), said="", session=None, token="")

    async def _login(self, request: Request) -> Response:
        self.entrance.sessions.check_origin(request)
        fields = await form(request)
        going = _own(fields.get("next", ""))
        if not is_token(fields.get("token", ""), self.parts.api_token):
            said = "That is not the API token of this daemon."
            return page("login.html", 401, going=going, said=said, session=None, token="")
        response = RedirectResponse(going or "/login", 303)
        session = self.entrance.sessions.new(fields.get("name", "").strip()[:255] or "Somebody")
        self.entrance.sessions.give(response, session, self.parts.clock.now())
        return response

    async def _logout(self, request: Request) -> Response:
        session = self.entrance.require(request)
        fields = await form(request)
        self.entrance.sessions.check_form(request, session, fields.get("form_token", ""))
        response = RedirectResponse("/login", 303)
        self.entrance.sessions.end(response)
        return response

    async def _case(self, request: Request) -> Response:
        key = request.path_params["key"]

        async def show(session: Session) -> Response:
            return await self._show(key, session)

        return await self.entrance.let_in(request, show)

    async def _act(self, request: Request) -> Response:
        session = self.entrance.require(request)
        fields = await form(request)
        self.entrance.sessions.check_form(request, session, fields.get("form_token", ""))
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
        token = self.entrance.sessions.form_token(session)
        return page(
            "case.html",
            status,
            file=file,
            case=file.case,
            said=said,
            session=session,
            token=token,
            priorities=PRIORITIES,
            has_demo=self.parts.demo is not None,
            is_one_way=is_one_way,
        )

    def _is_one_way(self, connector: str) -> bool:
        with self.parts.database.read() as tx:
            return integrations.is_one_way(tx, connector)


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


def _own(address: str) -> str:
    """Where to go after signing in: only to a page of ours."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_ours else ""
