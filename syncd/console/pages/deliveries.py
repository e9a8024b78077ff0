"""The deliveries: one line to ask by, counts to narrow it with, how many there were over time, and the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.intake import deliveries_asked
from syncd.console.pages.asked import DeliveriesPage as Asked
from syncd.console.pages.asked import Tab
from syncd.console.pages.bars import Bars, bars
from syncd.console.pages.drawer import Drawer, Drawn
from syncd.console.queries import DeliveryExport
from syncd.console.v1.deliveries import DeliveriesApi
from syncd.console.v1.export import ExportApi, sent
from syncd.console.v1.views import require_of_everybody
from syncd.core.query.fault import QueryError
from syncd.core.query.fields import FIELDS
from syncd.core.query.reading import read
from syncd.core.query.terms import EVERYTHING, Query, only
from syncd.core.query.writing import write
from syncd.errors import Misconfigured, NotFound, SyncdError
from syncd.flow import views
from syncd.store.audit import counts
from syncd.store.audit.counts import Lag
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

_ON_A_PAGE = 40  # so that a page stays light
_FACETS = ("outcome", "direction", "change", "reason", "integration", "http")


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a field, and where a press on it leads: to its rows alone, or back to all where they are shown already."""

    label: str
    count: int
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Counted:
    facets: Mapping[str, Sequence[Facet]]
    counted: int
    is_capped: bool
    bars: Bars
    lag: Lag


@dataclass(frozen=True, slots=True)
class Found:
    rows: Sequence[tuple[Mapping[str, Any], str]]  # each with the address that opens it beside the list
    older: str
    counted: Counted | str  # or why they were not


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    database: Database
    entrance: Entrance
    frames: Frames
    drawer: Drawer

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/deliveries", self._list),
            self.entrance.page("/deliveries/export", self._export),
            self.entrance.act("/deliveries/views/{act}", self._keep),
        ]

    async def _list(self, request: Request) -> Response:
        try:
            asked, query = deliveries_asked(request, Asked)
            drawn = None
            if asked.open is not None:
                drawn = await run_in_threadpool(
                    self.drawer.drawn, asked.open, asked.tab, partial(_opened, asked, query)
                )
            if drawn is not None and _wants_drawer(request):
                return await self.frames.show(request, "drawer.html", it=drawn, closed=_place(asked, query))
            found = await run_in_threadpool(self._found, asked, query)
        except QueryError as error:
            line = request.query_params.get("q", "")
            return await self._show(request, line, None, said=str(error), status=422)
        return await self._show(request, write(query), found, drawn=drawn, closed=_place(asked, query))

    async def _show(
        self,
        request: Request,
        line: str,
        found: Found | None,
        *,
        said: str = "",
        status: int = 200,
        drawn: Drawn | None = None,
        closed: str = "",
    ) -> Response:
        return await self.frames.show(
            request,
            "deliveries.html",
            status,
            line=line,
            found=found,
            it=drawn,
            closed=closed,
            said=said,
            fields=FIELDS.values(),
            views=await run_in_threadpool(views.of, self.database, session_of(request).name),
            same=urlencode({"q": line}) if line else "",
            is_first="after" not in request.query_params and "before" not in request.query_params,
        )

    async def _keep(self, request: Request) -> Response:
        """A view is saved or removed; the page is then as it was."""
        session, fields = await self.entrance.sent(request)
        line, act, is_everybodys = fields.get("q", ""), request.path_params["act"], "everybody" in fields
        require_of_everybody(session.caller, is_so=is_everybodys)
        try:
            await run_in_threadpool(self._do, act, session.name, fields, is_everybodys=is_everybodys)
        except QueryError as error:
            return await self._show(request, line, None, said=str(error), status=422)
        except Misconfigured as error:
            found = await run_in_threadpool(self._found, Asked(), read(line))
            return await self._show(request, line, found, said=str(error), status=409)
        return RedirectResponse(_address(read(line)) if act == "save" else "/deliveries", 303)

    def _do(self, act: str, by: str, fields: Mapping[str, str], *, is_everybodys: bool) -> None:
        name = fields.get("name", "")
        match act:
            case "save":
                views.save(self.database, by, name, fields.get("q", ""), for_everybody=is_everybodys)
            case "remove":
                views.remove(self.database, by, name, of_everybody=is_everybodys)
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to a saved view.")

    async def _export(self, request: Request) -> Response:
        asked, query = deliveries_asked(request, DeliveryExport)
        return sent(await run_in_threadpool(ExportApi(self.database).export, asked, query), asked.format)

    def _found(self, asked: Asked, query: Query) -> Found:
        shown = asked.model_copy(update={"limit": min(asked.limit, _ON_A_PAGE)})
        page = DeliveriesApi(self.database).rows(shown, query)
        older = "" if page.next is None else _address(query, after=str(page.next))
        rows = [(row, _opened(asked, query, row["id"], Tab.WHY)) for row in page.rows]
        return Found(rows, older, _unless_slow(lambda: self._counted(query)))

    def _counted(self, query: Query) -> Counted:
        with patient_read(self.database) as tx:
            now = self.database.now(tx)
            found = counts.facets(tx, query, now, _FACETS)
            facets = {name: [_facet(query, name, one) for one in values] for name, values in found.by.items()}
            over_time = bars(counts.histogram(tx, query, now), lambda at, until: _address(_between(query, at, until)))
            return Counted(facets, found.counted, found.is_capped, over_time, counts.lag(tx, query, now))


def _unless_slow(count: Callable[[], Counted]) -> Counted | str:
    """The rows are what was asked for; what counts them gives up after a while."""
    try:
        return count()
    except SyncdError as error:
        return str(error)


def _facet(query: Query, name: str, one: counts.Count) -> Facet:
    this = only(name, one.value)
    is_chosen = this.terms[0] in query.terms
    others = Query(tuple(term for term in query.terms if term.field != name or term.is_negated))
    return Facet(one.value or "none", one.count, _address(others if is_chosen else others & this), is_chosen)


def _between(query: Query, start: datetime, end: datetime) -> Query:
    others = Query(tuple(term for term in query.terms if term.field not in {"at", "age"}))
    return others & read(f"at:{start:%Y-%m-%dT%H:%M:%SZ}..{end:%Y-%m-%dT%H:%M:%SZ}")


def _wants_drawer(request: Request) -> bool:
    """A script asks for it alone; what restores the whole page asks for the page."""
    return "drawer" in request.headers.get("hx-target", "") and "hx-history-restore-request" not in request.headers


def _place(asked: Asked, query: Query) -> str:
    """The list as it is shown, without what is open beside it."""
    return _address(query, **_page_of(asked))


def _opened(asked: Asked, query: Query, number: int, tab: Tab) -> str:
    more = {} if tab is Tab.WHY else {"tab": str(tab)}
    return _address(query, **_page_of(asked), open=str(number), **more)


def _page_of(asked: Asked) -> dict[str, str]:
    given = {"after": asked.after, "before": str(asked.before or "")}
    return {name: value for name, value in given.items() if value}


def _address(query: Query, **more: str) -> str:
    asked = {"q": write(query), **more} if query != EVERYTHING else more
    return f"/deliveries?{urlencode(asked)}" if asked else "/deliveries"
