"""A request is read as its route is declared, and only then handed on."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from syncd.console.bearer import Handler
from syncd.console.intake import body_of, deliveries_asked, json_sent, query

from .operation import Operation


def reading(operation: Operation | None, handler: Handler) -> Handler:
    """What nobody declared has no permit either, and never gets here."""
    if operation is None:
        return handler

    async def endpoint(request: Request) -> Response:
        if operation.is_queried:
            asked, request.state.terms = deliveries_asked(request, operation.query)
        else:
            asked = query(request, operation.query)
        request.state.sent = b"" if operation.body is None else await json_sent(request, operation.body)
        request.state.carried = (
            asked if operation.body is None else body_of(request, operation.body, request.state.sent)
        )
        return await handler(request)

    return endpoint
