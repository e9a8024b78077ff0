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
from syncd.console.pages.long_query import UNDER, is_long, line_of, place
from syncd.console.queries import DeliveryExport
from syncd.console.v1.deliveries import DeliveriesApi
from syncd.console.v1.export import ExportApi
from syncd.console.v1.views import require_of_everybody
from syncd.core.query.fault import QueryError
from syncd.core.query.fields import FIELDS
from syncd.core.query.reading import MOST_SIGNS, read
from syncd.core.query.terms import Query, only
from syncd.core.query.writing import write
from syncd.errors import Misconfigured, NotFound, SyncdError
from syncd.flow import views
from syncd.flow.parquet import is_parquet_there
from syncd.store.audit import counts
from syncd.store.audit.counts import Lag
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

_ON_A_PAGE = 40  # so that a page stays light
#: Bytes of a page; one that has more has fewer rows, of so many bytes at least, down to so many.
_HEAVY, _ROW, _FEWEST = 40_000, 480, 5
_MOMENTS = {"at", "age"}
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
    exports: ExportApi

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/deliveries", self._list),
            self.entrance.page(f"{UNDER}/{{packed}}", self._list),
            self.entrance.act(f"{UNDER}/{{packed}}", self._keep),
            self.entrance.take("/deliveries/export", self._export),
            self.entrance.act("/deliveries/views/{act}", self._keep),
        ]

    async def _list(self, request: Request) -> Response:
        try:
            asked, more = deliveries_asked(request, Asked)
            query = read(_packed(request)) & more
            if asked.view:
                query &= await run_in_threadpool(self._saved, request, asked)
            if elsewhere := _elsewhere(request, asked, query):
                return RedirectResponse(elsewhere, 303)
            drawn = None
            if asked.open is not None:
                drawn = await run_in_threadpool(
                    self.drawer.drawn, asked.open, asked.tab, partial(_opened, asked, query)
                )
            if drawn is not None and _wants_drawer(request):
                return await self.frames.show(request, "drawer.html", it=drawn, closed=_place(asked, query))
            found = await run_in_threadpool(self._found, asked, query)
            values: dict[str, Any] = {"drawn": drawn, "closed": _place(asked, query)}
            shown = await self._show(request, _line(request, query), found, **values)
            beyond = len(shown.body) - _HEAVY
            if beyond < 0 or len(found.rows) <= _FEWEST:
                return shown
            fewer = max(_FEWEST, len(found.rows) - beyond // _ROW - 1)
            less = await run_in_threadpool(self._rows, asked, query, fewer, found.counted)
            return await self._show(request, _line(request, query), less, **values)
        except QueryError as error:
            line = request.query_params.get("q", "") or _packed(request)
            return await self._show(request, line, None, said=str(error), status=422)

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
            here=_place(Asked(), read(line)) if found else "",
            is_long=is_long,
            most=MOST_SIGNS,
            has_parquet=is_parquet_there(),
            is_first="after" not in request.query_params and "before" not in request.query_params,
        )

    def _saved(self, request: Request, asked: Asked) -> Query:
        for one in views.of(self.database, session_of(request).name):
            if (one.saved.name, one.is_everybodys) == (asked.view, asked.everybodys):
                return read(one.saved.query)
        raise NotFound(f"There is no saved view {asked.view}; the page of deliveries lists those there are.")

    async def _keep(self, request: Request) -> Response:
        """A view is saved or removed; the page is then as it was."""
        session, fields = await self.entrance.sent(request)
        line, is_everybodys = fields.get("q", "") or _packed(request), "everybody" in fields
        act, fields = request.path_params.get("act", "save"), {**fields, "q": line}
        require_of_everybody(session.caller, is_so=is_everybodys)
        try:
            await run_in_threadpool(self._do, act, session.name, fields, is_everybodys=is_everybodys)
        except QueryError as error:
            return await self._show(request, line, None, said=str(error), status=422)
        except Misconfigured as error:
            found = await run_in_threadpool(self._found, Asked(), read(line))
            return await self._show(request, line, found, said=str(error), status=409)
        return RedirectResponse(_home(read(line)) if act == "save" else "/deliveries", 303)

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
        return await self.exports.taken(request, asked, query)

    def _found(self, asked: Asked, query: Query) -> Found:
        return self._rows(asked, query, _ON_A_PAGE, _unless_slow(lambda: self._counted(query)))

    def _rows(self, asked: Asked, query: Query, most: int, counted: Counted | str) -> Found:
        shown = asked.model_copy(update={"limit": min(asked.limit, most)})
        page = DeliveriesApi(self.database).rows(shown, query)
        older = "" if page.next is None else _address(query, after=str(page.next))
        return Found([(row, _opened(asked, query, row["id"], Tab.WHY)) for row in page.rows], older, counted)

    def _counted(self, query: Query) -> Counted:
        with patient_read(self.database) as tx:
            now = self.database.now(tx)
            found = counts.facets(tx, query, now, _FACETS)
            facets = {name: [_facet(query, name, one) for one in values] for name, values in found.by.items()}
            over_time = bars(counts.histogram(tx, query, now), lambda at, until: _narrowed(query, _between(at, until)))
            return Counted(facets, found.counted, found.is_capped, over_time, counts.lag(tx, query, now))


def _unless_slow(count: Callable[[], Counted]) -> Counted | str:
    """The rows are what was asked for; what counts them gives up after a while."""
    try:
        return count()
    except SyncdError as error:
        return str(error)


def _facet(query: Query, name: str, one: counts.Count) -> Facet:
    this = only(name, one.value)
    return Facet(one.value or "none", one.count, _narrowed(query, this), this.terms[0] in query.terms)


def _between(start: datetime, end: datetime) -> Query:
    return read(f"at:{start:%Y-%m-%dT%H:%M:%SZ}..{end:%Y-%m-%dT%H:%M:%SZ}")


def _narrowed(query: Query, this: Query) -> str:
    """Where a press on it leads. Under a long query it carries itself alone."""
    return f"?{urlencode({'only': write(this)})}" if is_long(write(query)) else _home(_pressed(query, this))


def _pressed(query: Query, this: Query) -> Query:
    """In place of what is asked of the same field; what is asked already is taken back."""
    for term in this.terms:
        if term in query.terms:
            query = Query(tuple(one for one in query.terms if one != term))
            continue
        alike = _MOMENTS if term.field in _MOMENTS else {term.field}
        others = [one for one in query.terms if one.field not in alike or (one.is_negated and alike is not _MOMENTS)]
        query = Query((*others, term))
    return query


def _packed(request: Request) -> str:
    packed = request.path_params.get("packed", "")
    return line_of(packed) if packed else ""


def _elsewhere(request: Request, asked: Asked, query: Query) -> str:
    """Where this page really is: of a long query in a path of its own, whoever wrote it, and of a short one beside it."""
    if asked.only or asked.view:
        return _home(_pressed(query, read(asked.only)))
    line = _line(request, query)
    if not is_long(line) or _packed(request) == line:
        return ""
    more = _opened(asked, query, asked.open, asked.tab) if asked.open else _place(asked, query)
    return f"{place(line)}{more}".rstrip("?")


def _line(request: Request, query: Query) -> str:
    """As syncd writes it, or as it was typed where that is shorter than what a line may have."""
    line = write(query)
    if len(line) <= MOST_SIGNS:
        return line
    typed = _packed(request) or request.query_params.get("q", "")
    if read(typed) != query:
        raise QueryError(f"a query has at most {MOST_SIGNS} characters, and narrowed like this it has more", MOST_SIGNS)
    return typed


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
    """On the page of a long query it is relative, and the query stays as it is."""
    line = write(query)
    if is_long(line):
        return f"?{urlencode(more)}"
    asked = {"q": line, **more} if line else more
    return f"/deliveries?{urlencode(asked)}" if asked else "/deliveries"


def _home(query: Query) -> str:
    line = write(query)
    if len(line) > MOST_SIGNS:
        raise QueryError(f"a query has at most {MOST_SIGNS} characters, and narrowed like this it has more", MOST_SIGNS)
    return place(line) if is_long(line) else _address(query)
