"""What is answered is what its media type says it is, and no browser guesses."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

AS_SAID = {"X-Content-Type-Options": "nosniff"}


class AsSaid:
    """For answers that do not carry it by themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_as_said(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(AS_SAID)
            await send(message)

        await self._app(scope, receive, send_as_said)
