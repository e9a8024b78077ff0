"""Shows a door to the world: as an ASGI application, and as an httpx transport without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from syncd.simulator.asked import Answer, Asked
from syncd.simulator.door import Door, Outcome

TRANSPORT = "syncd.transport"  # the scope's key under which server.py leaves the socket's transport


EARLY_S = 0.02


class Gone(Exception):
    """The caller closed the connection while waiting."""


async def asked_of(request: Request) -> Asked:
    headers = Headers(scope=request.scope)
    return Asked(
        method=request.method,
        path=request.url.path,
        raw_query=request.scope["query_string"].decode("latin-1"),
        headers={name.lower(): value for name, value in headers.items()},
        body=await request.body(),
    )


class DoorApp:
    """An ASGI application around one door."""

    def __init__(self, door: Door, page: Callable[[Asked], Answer | None] | None = None) -> None:
        """`page` may have something for a browser; everything else goes through the door."""
        self._door, self._page = door, page
        self._alarm: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = await asked_of(Request(scope, receive))
        shown = self._page(asked) if self._page is not None else None
        if shown is not None:
            await show(shown, send)
            return
        outcome = self._door.receive(asked)
        self._keep_time()
        try:
            await _wait(outcome.delay_s, receive)
        except Gone:
            return
        except asyncio.CancelledError:
            # The server stops while somebody still waits: a cut is all they get.
            await _cut(scope, receive)
            return
        await _answer(outcome, scope, receive, send)

    def _keep_time(self) -> None:
        """What falls due later happens then, whether or not anybody asks; one alarm serves all of it."""
        if self._alarm is not None:
            self._alarm.cancel()
        wait = self._door.catch_up()
        # The loop's clock and the wall clock differ by a little, and early would be too early.
        self._alarm = None if wait is None else asyncio.get_running_loop().call_later(wait + EARLY_S, self._keep_time)


async def _wait(seconds: float, receive: Receive) -> None:
    """Sleep, but no longer than the caller stays."""
    if seconds <= 0:
        return
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
    raise Gone


async def show(said: Answer, send: Send) -> None:
    await send(_start(said))
    await send({"type": "http.response.body", "body": said.body})


async def _answer(outcome: Outcome, scope: Scope, receive: Receive, send: Send) -> None:
    said = outcome.answer
    if said is None:
        await _cut(scope, receive)
        return
    await send(_start(said))
    if outcome.partial:
        await send({"type": "http.response.body", "body": said.body[: len(said.body) // 2], "more_body": True})
        await _cut(scope, receive)
        return
    for piece in (said.body[at : at + 1] for at in range(len(said.body)) if outcome.drip_s):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(outcome.drip_s)
    await send({"type": "http.response.body", "body": b"" if outcome.drip_s else said.body})


def _start(said: Answer) -> Message:
    headers = {**said.headers, "content-length": str(len(said.body))}
    if said.status == 204:
        del headers["content-length"]
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": said.status, "headers": pairs}


async def _cut(scope: Scope, receive: Receive) -> None:
    transport = scope.get(TRANSPORT)
    if transport is None:
        raise ConnectionResetError(
            "The fault asks for a cut connection, but there is no socket here: serve the app with syncd.simulator.serve."
        )
    transport.abort()
    # The server calls it an error of ours when we return before it has noticed the cut.
    while (await receive())["type"] != "http.disconnect":
        pass


class DoorTransport(httpx.BaseTransport):
    """For runs in simulated time: no socket, no waiting; a delay beyond the caller's patience is a timeout at once."""

    def __init__(self, door: Door, pass_time: Callable[[float], None] | None = None) -> None:
        self._door, self._pass_time = door, pass_time

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = Asked(
            method=request.method,
            path=request.url.path,
            raw_query=request.url.query.decode("latin-1"),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
        )
        outcome = self._door.receive(asked)
        patience = request.extensions.get("timeout", {}).get("read")
        slow = outcome.delay_s + outcome.drip_s * len(outcome.answer.body if outcome.answer else b"")
        waited = slow if patience is None else min(slow, patience)
        if self._pass_time is not None and waited:
            self._pass_time(waited)
        if patience is not None and slow > patience:
            raise httpx.ReadTimeout("The simulated answer came too late.", request=request)
        if outcome.answer is None or outcome.partial:
            raise httpx.RemoteProtocolError("The simulated connection was cut.", request=request)
        said = outcome.answer
        return httpx.Response(said.status, headers=dict(said.headers), content=said.body, request=request)
