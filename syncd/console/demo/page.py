"""The demo page: a case on the left, its incident on the right, what syncd did between them, live."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from syncd.console.demo.client import DemoClient
from syncd.console.demo.watch import Look, Watch
from syncd.console.demo_plan import DemoPlan
from syncd.console.entrance import Entrance, session_of
from syncd.console.looks import page, piece
from syncd.console.parts import Parts
from syncd.console.sessions import Session
from syncd.errors import Conflict, NotFound, SyncdError
from syncd.store.cases import PRIORITIES

TICK = 0.4  # seconds between two looks
QUIET = 15.0  # then a comment keeps proxies from closing the stream
_KEPT = 64  # cases that are watched at once; the oldest is forgotten

#: act -> the one field it takes, if any
CASE_ACTS = {
    "acknowledge": "",
    "resolve": "note",
    "close": "",
    "reopen": "",
    "priority": "priority",
    "comments": "text",
    "resolution-note": "text",
}
INCIDENT_ACTS = {
    "acknowledge": "",
    "unacknowledge": "",
    "resolve": "resolution_note",
    "reopen": "",
    "priority": "priority",
    "note": "text",
}


@dataclass(slots=True)
class Demo:
    parts: Parts
    plan: DemoPlan
    entrance: Entrance
    client: DemoClient
    watches: dict[str, Watch] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def routes(self) -> list[Route]:
        return [
            self.entrance.page("/demo", self._page),
            self.entrance.act("/demo/events", self._events, "GET"),
            self.entrance.act("/demo/new", self._new),
            self.entrance.act("/demo/{key}/{side}/{act}", self._act),
        ]

    async def _page(self, request: Request) -> Response:
        key = request.query_params.get("case", "") or await run_in_threadpool(self._first_key)
        return await self._show(key, session_of(request))

    async def _show(self, key: str, session: Session, said: str = "", status: int = 200) -> Response:
        look = await run_in_threadpool(self._watch(key).look)
        return page(
            "demo.html",
            status,
            pieces=pieces(look),
            key=key,
            plan=self.plan,
            said=said,
            session=session,
            token=session.form_token,
            priorities=PRIORITIES,
        )

    async def _events(self, request: Request) -> Response:
        key = request.query_params.get("case", "")
        told = self._stream(self._watch(key)) if key else self._wait_for_a_case()
        return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def _wait_for_a_case(self) -> AsyncIterator[str]:
        """Before there is any: the page moves on when somebody opens the first one."""
        key = ""
        yield ": waiting\n\n"
        while not key and not self.parts.closing.is_set():
            await asyncio.sleep(TICK)
            key = await run_in_threadpool(self._first_key)
        if key:
            yield f"event: move\ndata: /demo?case={quote(key)}\n\n"

    async def _stream(self, watch: Watch) -> AsyncIterator[str]:
        """Every piece once, then each again whenever it has changed."""
        shown: dict[str, str] = {}
        quiet = 0.0
        while not self.parts.closing.is_set():
            fresh = pieces(await run_in_threadpool(watch.look))
            for name, html in fresh.items():
                if shown.get(name) != html:
                    yield f"event: piece\ndata: {json.dumps({'id': name, 'html': html})}\n\n"
                    quiet = 0.0
            shown = fresh
            if quiet >= QUIET:
                yield ": still here\n\n"
                quiet = 0.0
            await asyncio.sleep(TICK)
            quiet += TICK

    async def _new(self, request: Request) -> Response:
        await self.entrance.sent(request)
        key = await run_in_threadpool(self.client.open_case, "Checkout is slow in the demo shop")
        return RedirectResponse(f"/demo?case={key}", 303)

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        key, side, act = (request.path_params[name] for name in ("key", "side", "act"))
        try:
            await run_in_threadpool(self._do, key, side, act, fields)
        except SyncdError as error:
            if _is_script(request):
                return Response(str(error), 409, media_type="text/plain")
            return await self._show(key, session, str(error), 409)
        return Response(status_code=204) if _is_script(request) else RedirectResponse(f"/demo?case={key}", 303)

    def _do(self, key: str, side: str, act: str, fields: Mapping[str, str]) -> None:
        acts = {"case": CASE_ACTS, "incident": INCIDENT_ACTS}.get(side, {})
        if act not in acts:
            raise NotFound(f"Nothing called {act!r} can be done to the {side}.")
        asked = {acts[act]: fields.get("value", "")} if acts[act] else {}
        if side == "case":
            self.client.act_on_case(key, act, asked)
            return
        number = self.client.incident_id(key)
        if not number:
            raise Conflict(f"{key} has no incident yet.")
        self.client.act_on_incident(number, act, asked)

    def _first_key(self) -> str:
        return self.plan.case_key or self.client.newest_case()

    def _watch(self, key: str) -> Watch:
        with self.lock:
            watch = self.watches.pop(key, None) or Watch(self.client, self.plan, key, self.parts.clock.monotonic)
            self.watches[key] = watch
            if len(self.watches) > _KEPT:
                del self.watches[next(iter(self.watches))]
            return watch


def pieces(look: Look) -> dict[str, str]:
    """Element id -> what stands in it."""
    return {
        "case": piece("demo_case.html", pane=look.panes.case),
        "incident": piece("demo_incident.html", pane=look.panes.incident),
        "did": piece("demo_did.html", rows=look.panes.did),
        "now": piece("demo_now.html", panes=look.panes),
        "lag": piece("demo_lag.html", sentence=look.sentence()),
        "age": piece("demo_age.html", age=look.age()),
    }


def _is_script(request: Request) -> bool:
    return request.headers.get("x-requested-with") == "demo.js"
