"""A request is read as its route is declared, and only then handed on."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from syncd.console.bearer import Handler
from syncd.console.intake import json_body, query

from .operation import Operation


def reading(operation: Operation | None, handler: Handler) -> Handler:
    """What nobody declared has no permit either, and never gets here."""
    if operation is None:
        return handler

    async def endpoint(request: Request) -> Response:
        asked = query(request, operation.query)
        request.state.carried = asked if operation.body is None else await json_body(request, operation.body)
        return await handler(request)

    return endpoint
