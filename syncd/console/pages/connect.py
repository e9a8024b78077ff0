"""Connecting a PagerDuty account, step by step: what its key reaches is shown before anything is decided, or stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from syncd.connections.joining import pagerduty
from syncd.connections.joining.history import note
from syncd.connections.joining.pagerduty import Seen
from syncd.connections.joining.setup import named
from syncd.console import told_joining
from syncd.console.bodies import AddIntegration, CreateWebhook
from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.looks import piece
from syncd.console.pages.asked import Nothing
from syncd.console.parts import Parts
from syncd.console.problem import by_fields
from syncd.console.v1.joining import JoiningApi
from syncd.console.v1.webhooks import WebhooksApi
from syncd.core.connection import Kind
from syncd.core.diagnostics import named_first
from syncd.errors import Misconfigured, SyncdError

_MOST = 2048
_FIELDS = ("name", "where", "email")


@dataclass(frozen=True, slots=True)
class Step:
    """What the form shows besides itself. The key is never sent back."""

    typed: Mapping[str, str] = field(default_factory=dict)
    seen: Seen | None = None
    said: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ConnectPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/connect", self._page),
            self.entrance.act("/connect", self._connect),
            self.entrance.act("/connect/look", self._look),
        ]

    async def _page(self, request: Request) -> Response:
        query(request, Nothing)
        return await self._show(request, Step())

    async def _look(self, request: Request) -> Response:
        """By script only what was found is drawn, so that the key stays in the form; without one it is typed again."""
        session, fields = await self.entrance.sent(request)
        step = await run_in_threadpool(self._seen, fields, session.name)
        if request.headers.get("hx-request"):
            return HTMLResponse(piece("connect_seen.html", step=step))
        return await self._show(request, step, 200 if step.seen else 409)

    async def _connect(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        typed = _typed(fields)
        try:
            told = await run_in_threadpool(self._joined, fields, session.name)
        except SyncdError as error:
            return await self._show(request, _failed(typed, error), 409)
        return RedirectResponse(f"/integrations/{told['name']}", 303)

    async def _show(self, request: Request, step: Step, status: int = 200) -> Response:
        hooks = told_joining.hook_address(step.typed.get("name") or "NAME", self.parts.public_url)
        return await self.frames.show(
            request, "connect.html", status, step=step, hooks=hooks, has_public_url=bool(self.parts.public_url)
        )

    def _seen(self, fields: Mapping[str, str], by: str) -> Step:
        typed = _typed(fields)
        try:
            slug, key = named(typed["name"]), _key(fields)
            seen = pagerduty.look(self.parts.setup(), slug, api_key=key, where=typed["where"] or "us", by=by)
        except SyncdError as error:
            return _failed(typed, error)
        return Step(typed, seen)

    def _joined(self, fields: Mapping[str, str], by: str) -> Mapping[str, object]:
        typed = _typed(fields)
        body = AddIntegration(
            by=by,
            name=named(typed["name"]),
            secret=SecretStr(_key(fields)),
            email=typed["email"],
            where=typed["where"],
            consent=fields.get("consent") == "yes",
            two_way=fields.get("two_way") == "yes",
            read_only=fields.get("read_only") == "yes",
        )
        joined = JoiningApi(self.parts.setup, self.parts.public_url).add(body)
        if self.parts.public_url and not body.read_only:
            self._subscribed(body.name, by)
        return joined

    def _subscribed(self, slug: str, by: str) -> None:
        """The account is connected by then, whatever comes of its webhook; why it has none is in its history, which its page shows."""
        try:
            WebhooksApi(self.parts.setup, self.parts.public_url).create(slug, CreateWebhook(by=by))
        except SyncdError as error:
            said = f"It is connected, and its webhook was not made: {error}"
            note(self.parts.setup(), slug, Kind.ERRORED, by=by, code=named_first(str(error)), detail=said)


def _typed(fields: Mapping[str, str]) -> dict[str, str]:
    """Without the key. What is longer than any of them can be is none."""
    return {name: fields.get(name, "").strip()[:255] for name in _FIELDS}


def _key(fields: Mapping[str, str]) -> str:
    key = fields.get("secret", "").strip()
    if not key or len(key) > _MOST:
        raise Misconfigured("Paste the API key: PagerDuty shows it under Integrations, API Access Keys.")
    return key


def _failed(typed: Mapping[str, str], error: SyncdError) -> Step:
    return Step(typed, said=by_fields(str(error)), code=named_first(str(error)))
