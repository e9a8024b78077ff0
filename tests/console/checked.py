"""The console as the tests ask it: every answer of /v1 is held against what its route declares, whatever the test is about."""

from __future__ import annotations

import json

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.console import app
from syncd.console.contract.declared import OPERATIONS
from syncd.console.parts import Parts
from syncd.console.problem import ProblemBody


def create(parts: Parts) -> ASGIApp:
    return Checked(app.create(parts))


class Checked:
    def __init__(self, console: Starlette) -> None:
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._console(scope, receive, send)
            return
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        try:
            await self._console(scope, receive, keep)
        finally:
            for message in self._judged(scope, kept):
                await send(message)

    def _judged(self, scope: Scope, kept: list[Message]) -> list[Message]:
        """What breaks the promise becomes an answer that no test expects."""
        if not kept:
            return kept
        status = int(kept[0]["status"])
        body = b"".join(one.get("body", b"") for one in kept[1:])
        wrong = "" if scope["method"] == "HEAD" else _wrong(self._place(scope), status, body)
        if not wrong:
            return kept
        start = {"type": "http.response.start", "status": 599, "headers": [(b"content-type", b"text/plain")]}
        return [start, {"type": "http.response.body", "body": wrong.encode()}]

    def _place(self, scope: Scope) -> tuple[str, str]:
        for route in self._console.routes:
            if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
                return scope["method"], route.path
        return scope["method"], ""


def _wrong(place: tuple[str, str], status: int, body: bytes) -> str:
    declared = OPERATIONS.get(place)
    if status >= 400:
        return _unfit(ProblemBody, body) or _undeclared(place, status)
    if declared is not None and declared.files and status == 200:
        return ""
    if declared is None or status not in declared.answers:
        return f"{place} does not declare {status}: {body[:500]!r}"
    return _unfit(declared.answers[status], body)


def _undeclared(place: tuple[str, str], status: int) -> str:
    declared = OPERATIONS.get(place)
    return "" if declared is None or status in declared.refusals else f"{place} does not declare {status}"


def _unfit(model: type[BaseModel], body: bytes) -> str:
    try:
        model.model_validate(json.loads(body))
    except ValidationError as error:
        return f"{model.__name__}: {error}"
    return ""
