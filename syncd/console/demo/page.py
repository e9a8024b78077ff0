"""The demo page: a case on the left, its incident on the right, what syncd did between them, and what can go wrong. Live."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.demo.client import DemoClient
from syncd.console.demo.mischief import Mischief
from syncd.console.demo.mishaps import MISHAPS
from syncd.console.demo.panes import IncidentPane
from syncd.console.demo.watch import Look, Watch
from syncd.console.demo_plan import DemoPlan
from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.live import Live, Pieces
from syncd.console.looks import piece
from syncd.console.parts import Parts
from syncd.console.sessions import Session
from syncd.core.permissions import Action
from syncd.errors import Conflict, NotFound, SyncdError
from syncd.store.cases import PRIORITIES

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
    frames: Frames
    live: Live
    client: DemoClient
    watches: dict[str, Watch] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def routes(self) -> list[Route]:
        return [
            self.entrance.page("/demo", self._page),
            self.entrance.act("/demo/events", self._events, "GET"),
            self.entrance.act("/demo/new", self._new),
            self.entrance.act("/demo/{key}/mishaps/{mishap}", self._go_wrong),
            self.entrance.act("/demo/{key}/{side}/{act}", self._act),
        ]

    async def _page(self, request: Request) -> Response:
        asked = request.query_params
        key = asked.get("case", "") or await run_in_threadpool(self.client.newest_case)
        return await self._show(request, key, told=asked.get("told", ""))

    async def _show(self, request: Request, key: str, *, said: str = "", told: str = "", status: int = 200) -> Response:
        look = await run_in_threadpool(self._watch(key).look)
        mishap = MISHAPS.get(told)
        return await self.frames.show(
            request,
            "demo.html",
            status,
            pieces=self._pieces(look, key, session_of(request)),
            key=key,
            again=urlencode({"case": key, **({"told": told} if mishap else {})}),
            plan=self.plan,
            said=said,
            mishap=mishap,
            sights=[one.at(self._values(look, key)) for one in mishap.sights] if mishap else [],
            priorities=PRIORITIES,
        )

    async def _events(self, request: Request) -> Response:
        key, session = request.query_params.get("case", ""), session_of(request)
        if not key:
            return self.live.stream(request, self._first_case, is_personal=True)
        watch = self._watch(key)

        return self.live.stream(request, lambda: self._pieces(watch.look(), key, session), is_personal=True)

    def _first_case(self) -> Pieces:
        """Before there is any: whoever waits is led to the first one."""
        key = self.client.newest_case()
        return {"case": piece("demo_first.html", key=key)} if key else {}

    async def _new(self, request: Request) -> Response:
        await self.entrance.sent(request)
        key = await run_in_threadpool(self.client.open_case, "Checkout is slow in the demo shop")
        return RedirectResponse(_address(key), 303)

    async def _act(self, request: Request) -> Response:
        _, fields = await self.entrance.sent(request)
        key, side, act = (request.path_params[name] for name in ("key", "side", "act"))
        return await self._done(request, lambda: self._do(key, side, act, fields), _address(key))

    async def _go_wrong(self, request: Request) -> Response:
        await self.entrance.sent(request)
        key, slug = request.path_params["key"], request.path_params["mishap"]
        mischief = Mischief(self.client, self.plan)
        return await self._done(request, lambda: mischief.do(slug, key), f"{_address(key)}&told={quote(slug, safe='')}")

    async def _done(self, request: Request, act: Callable[[], None], address: str) -> Response:
        try:
            await run_in_threadpool(act)
            self._watch(request.path_params["key"]).expect_change()
        except SyncdError as error:
            return await self._show(request, request.path_params["key"], said=str(error), status=409)
        return RedirectResponse(address, 303)

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

    def _values(self, look: Look, key: str) -> Mapping[str, str]:
        incident = look.panes.incident.id if isinstance(look.panes.incident, IncidentPane) else ""
        return {"case": key, "link": look.panes.link, "incident": incident, "account": self.plan.account}

    def _pieces(self, look: Look, key: str, session: Session) -> Pieces:
        """Element id -> what stands in it."""
        panes = look.panes
        buttons = panes.standing.buttons() if session.caller.may(Action.INTEGRATIONS_MANAGE) else ()
        mishaps = {"buttons": buttons, "chips": panes.standing.chips()}
        return {
            "mishaps": piece("demo_mishaps.html", **mishaps, key=key, token=session.form_token),
            "case": piece("demo_case.html", pane=panes.case),
            "incident": piece("demo_incident.html", pane=panes.incident),
            "did": piece("demo_did.html", rows=panes.did),
            "now": piece("demo_now.html", panes=panes),
            "lag": piece("demo_lag.html", sentence=look.sentence()),
            "age": piece("demo_age.html", age=look.age()),
        }

    def _watch(self, key: str) -> Watch:
        with self.lock:
            watch = self.watches.pop(key, None) or Watch(self.client, self.plan, key, self.parts.clock.monotonic)
            self.watches[key] = watch
            if len(self.watches) > _KEPT:
                del self.watches[next(iter(self.watches))]
            return watch


def _address(key: str) -> str:
    return f"/demo?{urlencode({'case': key})}"
