"""A write that comes with an Idempotency-Key is done once; sent again it gets the same answer."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from syncd.console.bearer import Handler
from syncd.console.problem import Problem, answer_broken, answer_http, answer_syncd
from syncd.console.within import caller_of
from syncd.errors import SyncdError
from syncd.flow import once
from syncd.flow.once import Answered, Token
from syncd.store.database import Database

from .operation import Operation

HEADER = "Idempotency-Key"
SAID_AGAIN = {"Idempotency-Replayed": "true"}


def doing_once(database: Database, operation: Operation | None, handler: Handler) -> Handler:
    """After the request is read, and its caller known."""
    if operation is None or not operation.is_write or operation.keeps_own_key:
        return handler
    if operation.makes_anew:
        return _without_key(handler)

    async def endpoint(request: Request) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return await handler(request)
        what = f"{request.method} {request.url.path}"
        token = Token.of(caller_of(request).token_id, key, what, request.state.sent)
        before = await run_in_threadpool(once.begin, database, token)
        if before is not None:
            kind = "application/json" if before.status < 400 else "application/problem+json"
            return Response(before.body, before.status, SAID_AGAIN, kind)
        return await _done(database, operation, handler, request, token)

    return endpoint


def _without_key(handler: Handler) -> Handler:
    """Whoever sends one expects what is not kept, and is told so."""

    async def endpoint(request: Request) -> Response:
        if HEADER in request.headers:
            raise Problem(422, f"This is made anew each time it is asked for; leave {HEADER} out.")
        return await handler(request)

    return endpoint


async def _done(database: Database, operation: Operation, handler: Handler, request: Request, token: Token) -> Response:
    try:
        response = await handler(request)
    except Exception as error:
        # What it is answered with is for others to say; here it is only kept.
        refused = _told(request, error)
        await run_in_threadpool(once.end, database, token, Answered(refused.status_code, bytes(refused.body)))
        raise
    answered = Answered(response.status_code, bytes(response.body))
    await run_in_threadpool(once.end, database, token, answered, has_secret=operation.answers_secret)
    return response


def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, SyncdError):
        return answer_syncd(request, error)
    return answer_http(request, error) if isinstance(error, HTTPException) else answer_broken(request, error)
