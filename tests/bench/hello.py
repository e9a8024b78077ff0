"""The least a web server can do with a 4 KB POST, on the same server and with the same bounds as the receiver."""

from __future__ import annotations

import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.clock import Clock
from syncd.receiver.limits import Tally
from syncd.receiver.server import serve
from syncd.settings import Settings


async def hello(request: Request) -> Response:
    await request.body()
    return Response(b"{}", media_type="application/json")


if __name__ == "__main__":
    app = Starlette(routes=[Route("/hooks/{source}", hello, methods=["POST"])])
    serve(app, Settings(http_port=int(sys.argv[1])), Tally(Clock()))
