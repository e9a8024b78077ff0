"""Connecting an account by OAuth on a page, and agreeing to it again: the address for a person to open, and how that ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import SecretStr, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.connections.joining.setup import named
from syncd.connections.oauth.application import KINDS, SCOPED, SCOPES
from syncd.connections.oauth.authorising import redirect_of
from syncd.console.bodies import Authorise
from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.intake import faults_of, query, told
from syncd.console.live import Live, Pieces
from syncd.console.looks import piece
from syncd.console.pages.asked import ConnectPage, Nothing
from syncd.console.parts import Parts
from syncd.console.v1.authorising import AuthorisingApi
from syncd.core.diagnostics import named_first
from syncd.errors import Misconfigured, SyncdError
from syncd.store import integrations
from syncd.store.integrations import Integration
from syncd.store.row_json import Json

_TYPED = ("name", "client_id", "where", "subdomain", "email", "sign_in")
_MOST = 2048


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form shows besides itself. The client secret is never sent back."""

    typed: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    said: str = ""

    @property
    def code(self) -> str:
        return named_first(self.said)


@dataclass(frozen=True, slots=True)
class AgreeingPages:
    parts: Parts
    entrance: Entrance
    frames: Frames
    live: Live

    def routes(self) -> Sequence[Route]:
        one = "/integrations/{slug}/authorisations"
        return [
            self.entrance.page("/connect/oauth", self._form),
            self.entrance.act("/connect/oauth", self._connect),
            self.entrance.act(f"{one}/begin", self._again),
            self.entrance.page(f"{one}/{{authorisation}}", self._page),
            self.entrance.act(f"{one}/{{authorisation}}/events", self._events, "GET"),
        ]

    async def _form(self, request: Request) -> Response:
        return await self._show_form(request, Asked({"name": query(request, ConnectPage).name}))

    async def _connect(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        typed = {name: fields.get(name, "").strip()[:_MOST] for name in _TYPED}
        kind = fields.get("kind", "") if fields.get("kind") in KINDS else SCOPED
        try:
            slug = named(typed["name"])
            begun = await run_in_threadpool(self._begun, slug, _body(typed, kind, fields, session.name))
        except SyncdError as error:
            return await self._show_form(request, Asked(typed, kind, str(error)), 409)
        return await self._show(request, slug, begun)

    async def _again(self, request: Request) -> Response:
        """By the application that the account is connected by, of which nothing has to be typed."""
        session, _ = await self.entrance.sent(request)
        slug = request.path_params["slug"]
        await run_in_threadpool(self._require, slug)
        try:
            begun = await run_in_threadpool(self._begun, slug, Authorise(by=session.name))
        except SyncdError as error:
            return await self._show_form(request, Asked({"name": slug}, said=str(error)), 409)
        return await self._show(request, slug, begun)

    async def _page(self, request: Request) -> Response:
        query(request, Nothing)
        slug = request.path_params["slug"]
        return await self._show(request, slug, await run_in_threadpool(self._one, request))

    async def _events(self, request: Request) -> Response:
        await run_in_threadpool(self._one, request)
        return self.live.stream(request, partial(self._pieces, request))

    def _pieces(self, request: Request) -> Pieces:
        return {"now": _now(request.path_params["slug"], self._one(request))}

    def _one(self, request: Request) -> Json:
        it = request.path_params
        return self._api().one(it["slug"], it["authorisation"])

    def _begun(self, slug: str, body: Authorise) -> Json:
        return self._api().begin(slug, body)

    def _require(self, slug: str) -> None:
        self.parts.setup().integration(slug)

    def _api(self) -> AuthorisingApi:
        return AuthorisingApi(self.parts.setup, self.parts.cases.site)

    async def _show(self, request: Request, slug: str, it: Json) -> Response:
        """`url` is told once, to whoever has begun it: the page can be opened again without."""
        return await self.frames.show(request, "agreeing.html", slug=slug, it=it, now=_now(slug, it))

    async def _show_form(self, request: Request, asked: Asked, status: int = 200) -> Response:
        there = await run_in_threadpool(self._there, asked)
        values = {
            "asked": asked,
            "redirect": redirect_of(self.parts.cases.site),
            "scopes": SCOPES,
            "kinds": KINDS,
            "kind": asked.kind or _kind_of(there),
            "is_there": there is not None,
            "is_by_oauth": there is not None and there.is_by_oauth,
        }
        return await self.frames.show(request, "connect_oauth.html", status, **values)

    def _there(self, asked: Asked) -> Integration | None:
        """Its terms were agreed to when it was connected first, and what is left out of one by OAuth is as it was."""
        with self.parts.database.read() as tx:
            return integrations.get(tx, asked.typed.get("name", ""))


def _kind_of(there: Integration | None) -> str:
    return SCOPED if there is None or not there.is_by_oauth else str(there.settings["auth"])


def _now(slug: str, it: Json) -> str:
    return piece("agreeing_now.html", slug=slug, it=it, warnings=it.get("warnings", ()))


def _body(typed: Mapping[str, str], kind: str, fields: Mapping[str, str], by: str) -> Authorise:
    given = {name: text for name, text in typed.items() if name != "name"}
    try:
        return Authorise.model_validate(
            {
                **given,
                "by": by,
                "kind": kind,
                "secret": SecretStr(fields.get("secret", "").strip()[:_MOST]),
                "consent": fields.get("consent") == "yes",
                "two_way": fields.get("two_way") == "yes",
            }
        )
    except ValidationError as error:
        raise Misconfigured(f"This cannot be sent: {told(faults_of(error))}.") from None
