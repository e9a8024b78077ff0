"""One link: both records side by side, what happened between them, and what a person can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.live import Live, Pieces
from syncd.console.looks import piece
from syncd.console.pages.asked import LinkPage
from syncd.console.pages.timeline import Line, timeline
from syncd.console.parts import Parts
from syncd.core.changes import Field, Side
from syncd.errors import Misconfigured, NotFound, SyncdError
from syncd.flow import conflicts
from syncd.flow.catchup.compare import Compared, compare
from syncd.flow.names import Names
from syncd.flow.orders import pausing
from syncd.flow.why.answer import Asker
from syncd.store import connectors, errands, link_lines, links
from syncd.store.link_lines import Pause
from syncd.store.links import StoredLink

_FIELDS = {
    Field.STATUS: "status",
    Field.PRIORITY: "priority",
    Field.RESOLUTION_NOTE: "resolution note",
}


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field as both sides are known to say it."""

    label: str
    case: str
    case_at: datetime | None
    incident: str
    incident_at: datetime | None
    on_its_way: str  # to which side, if to any
    in_conflict: bool


@dataclass(frozen=True, slots=True)
class Seen:
    stored: StoredLink
    fields: Sequence[FieldLine]
    conflicts: Sequence[conflicts.Told]
    waiting: int
    pause: Pause | None
    lines: Sequence[Line]
    hidden: int


@dataclass(frozen=True, slots=True)
class LinkPages:
    parts: Parts
    entrance: Entrance
    frames: Frames
    live: Live

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/links/{link:number}", self._page),
            self.entrance.act("/links/{link:number}/events", self._events, "GET"),
            self.entrance.act("/links/{link:number}/{act}", self._act),
        ]

    async def _page(self, request: Request) -> Response:
        return await self._show(request, query(request, LinkPage))

    async def _events(self, request: Request) -> Response:
        asked, number = query(request, LinkPage), request.path_params["link"]
        return self.live.stream(request, lambda: self._pieces(self._seen(number, with_quiet=asked.all), asked))

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        number, act = request.path_params["link"], request.path_params["act"]
        try:
            await run_in_threadpool(self._do, number, act, session.name, fields.get("why", ""))
        except Misconfigured as error:
            return await self._show(request, LinkPage(), said=str(error), status=409)
        return RedirectResponse(f"/links/{number}", 303)

    def _do(self, number: int, act: str, by: str, why: str) -> None:
        self._seen(number, with_quiet=False)  # It says that there is none.
        match act:
            case "pause":
                pausing.pause(self.parts.database, number, by=by, why=why.strip())
            case "resume":
                pausing.resume(self.parts.database, number, by=by)
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to a link.")

    async def _show(self, request: Request, asked: LinkPage, *, said: str = "", status: int = 200) -> Response:
        number = request.path_params["link"]
        seen = await run_in_threadpool(self._seen, number, with_quiet=asked.all)
        compared: Compared | str | None = None
        if asked.compare:
            compared = await run_in_threadpool(self._compared, number)
        return await self.frames.show(
            request,
            "link.html",
            status,
            seen=seen,
            link=seen.stored.link,
            asked=asked,
            said=said,
            compared=compared,
            pieces=await run_in_threadpool(self._pieces, seen, asked),
        )

    def _pieces(self, seen: Seen, asked: LinkPage) -> Pieces:
        asker = Asker(
            self.parts.database, lambda: self.parts.connections, self.parts.clock, public_url=self.parts.public_url
        )
        verdict = asker.why(f"link:{seen.stored.id}").verdict
        values = {"seen": seen, "link": seen.stored.link, "asked": asked, "verdict": verdict}
        return {"now": piece("link_now.html", **values), "chips": piece("link_chips.html", **values)}

    def _compared(self, number: int) -> Compared | str:
        """Or why it cannot be."""
        try:
            return compare(self.parts.database, self.parts.connections, self.parts.clock, number)
        except SyncdError as error:
            return str(error)

    def _seen(self, number: int, *, with_quiet: bool) -> Seen:
        with self.parts.database.read() as tx:
            stored = links.get(tx, number) if number < 2**63 else None
            if stored is None:
                raise NotFound(f"There is no link {number}; the list of links shows those there are.")
            names = Names.of(connectors.all_of(tx).values())
            lines, hidden = timeline(tx, number, with_quiet=with_quiet)
            return Seen(
                stored,
                [_field(stored, name, label, names) for name, label in _FIELDS.items()],
                conflicts.of_link(stored, names),
                errands.count_live(tx, number),
                link_lines.pause_of(tx, number),
                lines,
                hidden,
            )


def _field(stored: StoredLink, name: Field, label: str, names: Names) -> FieldLine:
    link = stored.link
    case, incident = (link.known.get((side, name)) for side in Side)
    value = "" if incident is None else incident.value
    wanted = [side for side in Side if (side, name) in link.wanted]
    return FieldLine(
        label,
        "" if case is None else case.value,
        None if case is None else case.at,
        names.value(link, name, value) or value,
        None if incident is None else incident.at,
        "PagerDuty" if Side.INCIDENT in wanted else "the case" if wanted else "",
        name in link.conflicts,
    )
