"""POST /hooks/{source}: prove it, hand it to the inbox, answer after the commit. What is proven never gets a 4xx."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope

from syncd.clock import Clock
from syncd.errors import BadSignature, Misconfigured, NoSecret, NotFound, SyncdError, Unavailable
from syncd.flow import accept
from syncd.flow.accept import Door, Taken
from syncd.systems.port import Hook
from syncd.tracing import context
from syncd.tracing.spans import span

from .as_said import AS_SAID
from .doors import Doorkeeper
from .inbox import Inbox
from .limits import Tally, body_of
from .patience import Patience
from .rejections import Rejections

ANSWER_WITHIN = 4.5  # PagerDuty hangs up after 5 s and would send it again anyway; then a 503 says so earlier
_SHOWN = 64  # characters of a made-up name
_RETRY_AFTER = {"retry-after": "5"}
_CLOSE = {"connection": "close"}
_UNKNOWN = "No source that takes hooks has this name; it is the last part of the address that was given to the sender."
_TAKEN = Response(b"{}", headers=AS_SAID, media_type="application/json")


class HookDesk:
    """Made on the event loop that will call it."""

    def __init__(
        self, keeper: Doorkeeper, inbox: Inbox, rejections: Rejections, tally: Tally, clock: Clock, max_bytes: int
    ) -> None:
        self._keeper, self._inbox, self._rejections = keeper, inbox, rejections
        self._tally, self._clock, self._max_bytes = tally, clock, max_bytes
        self._patience = Patience(ANSWER_WITHIN)

    def close(self) -> None:
        self._patience.close()

    async def take(self, source: str, scope: Scope, receive: Receive) -> Response:
        try:
            async with self._patience.of_this_task():
                return await self._take(source, scope, receive)
        except ClientDisconnect:
            self._tally.count("hook.sender_left", source=source)
            return Response(status_code=400)  # Nobody hears it.
        except TimeoutError:
            self._tally.count("hook.not_answered_in_time", source=source)
            return _says("It took too long; send it again.", 503, {**_RETRY_AFTER, **_CLOSE})
        except SyncdError as error:
            return self._refusal(source, error)

    async def _take(self, source: str, scope: Scope, receive: Receive) -> Response:
        door = await self._keeper.door(source)
        headers = _joined(scope["headers"])
        body = await body_of(headers.get("content-length", ""), receive, self._max_bytes)
        if body is None:
            self._tally.count("hook.too_large", source=source)
            return _says(f"A hook may have {self._max_bytes} bytes.", 413, _CLOSE)
        hook = Hook(headers, body, self._clock.now())
        with span("hook.receive", context.valid(headers.get(context.HEADER, "")), source=source):
            await self._inbox.put(await self._proven(door, hook, scope))
        return _TAKEN

    async def _proven(self, door: Door, hook: Hook, scope: Scope) -> Taken:
        try:
            return accept.prove(door, hook)
        except BadSignature:
            # The secret may have been replaced a moment ago.
            door = await self._keeper.again(door.slug)
        try:
            return accept.prove(door, hook)
        except BadSignature as error:
            sender = scope["client"][0] if scope.get("client") else "a local socket"
            names_ours = error.subscription in door.subscriptions
            await self._rejections.record(door, f"{error} It came from {sender}.", names_ours=names_ours)
            raise

    def _refusal(self, source: str, error: SyncdError) -> Response:
        match error:
            case NotFound():
                self._tally.count("hook.of_unknown_source", source=source[:_SHOWN])  # It may be as long as an address.
                # A stranger learns nothing of how this machine is worked with.
                return _says(_UNKNOWN, 404)
            case BadSignature():
                self._tally.count("hook.rejected", source=source, reason=str(error))
                return _says("The signature does not match.", 401)
            case NoSecret() | Unavailable() | Misconfigured():
                self._tally.count("hook.put_off", source=source, reason=str(error))
                return _says("It cannot be taken in just now; send it again.", 503, _RETRY_AFTER)
            case _:
                raise error


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """A name that comes twice has both values, as HTTP reads it."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in joined.items()}


def _says(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(sentence + "\n", status, {**AS_SAID, **(headers or {})}, media_type="text/plain")
