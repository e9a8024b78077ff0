"""What an address names may be anything. What no database here can keep is looked for as its mark instead, and so is not found."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from syncd.store.cases import clean


class StorableAddresses:
    """Before any route is chosen, so that none can forget it: PostgreSQL refuses to be asked for a NUL."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": clean(scope["path"])}
        await self._app(scope, receive, send)
