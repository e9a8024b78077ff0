"""The API token: who sends it may use all of /v1."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from .problem import Problem

Handler = Callable[[Request], Awaitable[Response]]


def is_token(given: str, token: str) -> bool:
    """Compared as bytes, because texts outside ASCII cannot be compared in constant time."""
    return bool(token) and hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


def only_with_token(token: str, handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_token(given.strip(), token):
            raise Problem(401, _sentence(token), headers={"WWW-Authenticate": "Bearer"})
        return await handler(request)

    return guarded


def _sentence(token: str) -> str:
    if not token:
        return "This daemon has no API token, so nobody gets in; set SYNCD_API_TOKEN."
    return "The bearer token is missing or wrong."
