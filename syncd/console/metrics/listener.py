"""The listener of /metrics: a port of its own, on loopback unless told otherwise, in a thread beside the server of the pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from syncd.errors import SyncdError
from syncd.flow.metrics.gathering import Gathering

from .exposition import MEDIA_TYPE, exposition

log = structlog.stdlib.get_logger()

_AT_ONCE = 8  # who asks beside so many is told to come again
_ENDS_WITHIN = 3.0  # seconds


def application(gathering: Gathering) -> Starlette:
    async def metrics(_: Request) -> Response:
        try:
            families = await run_in_threadpool(gathering.families)
        except SyncdError as error:
            # Prometheus takes it for `up == 0`, which is an alert; half of the numbers would look like all of them.
            return PlainTextResponse(f"{error}\n", 503)
        return Response(exposition(families), media_type=MEDIA_TYPE)

    return Starlette(routes=[Route("/metrics", metrics, methods=["GET"])])


@contextmanager
def listening(gathering: Gathering, host: str, port: int) -> Iterator[None]:
    """As long as the block; not at all on port 0."""
    if not port:
        yield
        return
    config = uvicorn.Config(
        application(gathering),
        host=host,
        port=port,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=90,  # longer than anybody waits between two looks
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="metrics", daemon=True)
    thread.start()
    log.info("metrics.listening", host=host, port=port)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_ENDS_WITHIN)
