"""The console as an ASGI application. It is put together here and decides nothing."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from syncd.console.contract.document import document
from syncd.console.demo.client import DemoClient
from syncd.console.demo.page import Demo
from syncd.console.pages import routes as pages
from syncd.console.v1 import gate as api
from syncd.errors import SyncdError

from . import problem
from .addresses import StorableAddresses
from .bearer import Handler
from .entrance import Entrance
from .frame import Frame, Frames
from .headers import SecureHeaders
from .live import Live
from .looks import STATIC
from .parts import Parts
from .rooms import ROOMS
from .sessions import Sessions


def create(parts: Parts) -> Starlette:
    """It has no lifespan, so it may be mounted at / beside the receiver's routes."""
    made = Starlette(
        routes=routes(parts),
        middleware=[Middleware(SecureHeaders), Middleware(StorableAddresses)],
        exception_handlers={
            HTTPException: problem.answer_http,
            SyncdError: problem.answer_syncd,
            Exception: problem.answer_broken,
        },
    )
    made.state.around = partial(_around, parts)
    return made


def _around(parts: Parts, request: Request, status: int) -> Frame | None:
    """What stands around a page that is refused: as around every other of whoever is signed in. Where we have failed nothing more is asked."""
    if status >= 500:
        return None
    try:
        session = _sessions(parts).of(request, parts.clock.now())
        return _frames(parts).around(session, request.url.path) if session is not None else None
    except SyncdError:
        return None


def routes(parts: Parts) -> list[BaseRoute]:
    entrance, frames = Entrance(parts, _sessions(parts)), _frames(parts)
    live = Live(parts.closing, frames.pieces)
    found: list[BaseRoute] = [
        *api.routes(parts),
        Route("/openapi.json", _document, methods=["GET"]),
        *pages.routes(parts, entrance, frames, live),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    if parts.demo is not None:
        found += Demo(parts, parts.demo, entrance, frames, live, DemoClient(parts.demo)).routes()
    found.append(Route("/", _to_demo if parts.demo is not None else _leading_on(parts, entrance), methods=["GET"]))
    return found


def _sessions(parts: Parts) -> Sessions:
    return Sessions(parts.api_token, parts.cases.site, parts.database)


def _frames(parts: Parts) -> Frames:
    return Frames(parts.database, has_demo=parts.demo is not None)


async def _document(_: Request) -> Response:
    return JSONResponse(document())


async def _to_demo(_: Request) -> Response:
    return RedirectResponse("/demo")


def _leading_on(parts: Parts, entrance: Entrance) -> Handler:
    """To the first room that somebody may enter, once it is known who it is."""

    async def lead_on(request: Request) -> Response:
        session = await run_in_threadpool(entrance.sessions.of, request, parts.clock.now())
        if session is None:
            return RedirectResponse("/login")
        return RedirectResponse(next(one.path for one in ROOMS if session.caller.may(one.action)))

    return lead_on
