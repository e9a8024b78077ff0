"""How everything is: what needs a person, which accounts there are, and which parts run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.connections.vault import Vault
from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.live import Live, Pieces
from syncd.console.looks import piece
from syncd.console.pages.accounts import account_lines
from syncd.console.pages.rates import Rates
from syncd.core.lifecycle import ErrandState
from syncd.flow.status.condition import Condition, condition
from syncd.store import link_lines
from syncd.store.database import Database
from syncd.store.link_lines import Show
from syncd.systems.channels.port import Channel


@dataclass(frozen=True, slots=True)
class Figure:
    number: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class OverviewPage:
    database: Database
    vault: Vault
    channels: Callable[[], Mapping[str, Channel]]
    entrance: Entrance
    frames: Frames
    live: Live
    rates: Rates

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/overview", self._page),
            self.entrance.act("/overview/events", self._events, "GET"),
        ]

    async def _page(self, request: Request) -> Response:
        return await self.frames.show(request, "overview.html", pieces=await run_in_threadpool(self._pieces))

    async def _events(self, request: Request) -> Response:
        return self.live.stream(request, self._pieces)

    def _pieces(self) -> Pieces:
        seen = condition(self.database, keys=self.vault.doubt(), told_by=self.channels())
        with self.database.read() as tx:
            links, accounts = link_lines.counts(tx), account_lines(tx)
        now = piece("overview_now.html", seen=seen, figures=_figures(seen, links), accounts=accounts)
        return {"now": now, "rates": self.rates.drawn()}


def _figures(seen: Condition, links: Mapping[Show, int]) -> Sequence[Figure]:
    waiting = seen.errands.get(ErrandState.WAITING, 0) + seen.errands.get(ErrandState.SENDING, 0)
    return [
        Figure(f"{links[Show.OPEN]:,}", "links that are open", "/links"),
        Figure(f"{waiting:,}{_old(seen.oldest_age_s)}", "changes on their way · the oldest", "/links?show=waiting"),
        Figure(
            f"{seen.errands.get(ErrandState.HELD, 0):,}{_old(seen.oldest_held_s)}",
            "changes held · the oldest",
            "/links?show=held",
        ),
        Figure(f"{seen.in_conflict:,}", "links in conflict", "/conflicts"),
        Figure(f"{seen.errands.get(ErrandState.DEAD, 0):,}", "changes refused for good", "/links?show=failed"),
    ]


def _old(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f" · {seconds / size:.0f} {unit}"
    return f" · {seconds:.0f} s"
