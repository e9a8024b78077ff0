"""Evidence: what became of each check of an account, what is not in order, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.bodies import AcceptFinding, CollectEvidence, MakeBundle, WithdrawAcceptance
from syncd.console.entrance import Entrance, session_of
from syncd.console.evidence_answers import Answers
from syncd.console.frame import Frames
from syncd.console.intake import query, valid
from syncd.console.live import Live, Pieces
from syncd.console.looks import piece
from syncd.console.pages import evidence_seen as seen
from syncd.console.pages.asked import EvidenceNow, EvidencePage
from syncd.console.parts import Parts
from syncd.console.v1.bundles import BundlesApi
from syncd.console.v1.evidence import EvidenceApi
from syncd.core.permissions import Action
from syncd.errors import NotFound, SyncdError
from syncd.evidence.facts.dataset import Name
from syncd.evidence.report.html import page as printable
from syncd.evidence.report.plain import Plain
from syncd.store.evidence import collections, results
from syncd.store.evidence.results import Judged
from syncd.store.integrations import Integration

PERIODS = (("7d", "7 d"), ("30d", "30 d"), ("quarter", "quarter"))


@dataclass(frozen=True, slots=True)
class Line:
    """An account in the list of several."""

    account: Integration
    counts: Mapping[str, int]
    judged: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class EvidencePages:
    parts: Parts
    entrance: Entrance
    frames: Frames
    answers: Answers
    bundles: BundlesApi
    live: Live

    def routes(self) -> Sequence[Route]:
        """Those of the pages beside it stand between: what has a name of its own comes before what names a check."""
        return [
            self.entrance.page("/evidence", self._list),
            self.entrance.page("/evidence/{slug}", self._page),
            self.entrance.act("/evidence/{slug}/events", self._events, "GET"),
            self.entrance.page("/evidence/{slug}/report", self._report),
            self.entrance.act("/evidence/{slug}/bundle", self._bundle),
            self.entrance.act("/evidence/{slug}/{act}", self._act),
        ]

    @property
    def api(self) -> EvidenceApi:
        return EvidenceApi(self.answers)

    async def _list(self, request: Request) -> Response:
        """Where there is one account it is that one's page."""
        lines = await run_in_threadpool(self._lines)
        if len(lines) == 1:
            return RedirectResponse(f"/evidence/{lines[0].account.slug}", 303)
        return await self.frames.show(request, "evidence_accounts.html", lines=lines, looks=seen.LOOKS)

    async def _page(self, request: Request) -> Response:
        return await self._show(request, query(request, EvidencePage))

    async def _events(self, request: Request) -> Response:
        slug, asked = request.path_params["slug"], query(request, EvidenceNow)
        await run_in_threadpool(self.answers.desk.account, slug)  # Of nothing there is nothing to tell.
        return self.live.stream(request, partial(self._now, slug, asked.seen))

    async def _report(self, request: Request) -> Response:
        """The page that prints, whole: it has its own styles, so that it is a file and not shown here."""
        asked, slug, by = query(request, EvidencePage), request.path_params["slug"], session_of(request).name
        report = await run_in_threadpool(self._whole, slug, asked, by)
        html = await run_in_threadpool(printable, report)
        name = f"evidence-{slug}-{report['window']['end'][:10]}.html"
        return Response(html, media_type="text/html", headers={"Content-Disposition": f'attachment; filename="{name}"'})

    async def _bundle(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        given = {"period": fields.get("period", "30d"), "pseudonyms": str("pseudonyms" in fields), "by": session.name}
        try:
            return await self.bundles.sent(request.path_params["slug"], valid(given, MakeBundle))
        except NotFound:
            raise
        except SyncdError as error:
            return await self._show(request, EvidencePage(), said=str(error), status=409)

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        slug, act = request.path_params["slug"], request.path_params["act"]
        try:
            leads_to = await run_in_threadpool(self._do, slug, act, {**fields, "by": session.name})
        except NotFound:
            raise
        except SyncdError as error:
            return await self._show(request, EvidencePage(), said=str(error), status=409)
        return RedirectResponse(leads_to, 303)

    def _do(self, slug: str, act: str, fields: Mapping[str, str]) -> str:
        """Where it leads: to what it has changed."""
        match act:
            case "collect":
                self.api.collect(slug, CollectEvidence(by=fields["by"]))
                return f"/evidence/{slug}"
            case "accept":
                given = self.api.accept(slug, valid(_only(fields, AcceptFinding), AcceptFinding))
                return f"/evidence/{slug}/{given['check']}#acceptances"
            case "withdraw":
                gone = self.api.withdraw(slug, valid(_only(fields, WithdrawAcceptance), WithdrawAcceptance))
                return f"/evidence/{slug}/{gone['check']}#acceptances"
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to evidence.")

    async def _show(self, request: Request, asked: EvidencePage, *, said: str = "", status: int = 200) -> Response:
        slug, session = request.path_params["slug"], session_of(request)
        shown = await run_in_threadpool(self._shown, slug, asked, session.name)
        may_operate = session.caller.may(Action.EVIDENCE_OPERATE)
        return await self.frames.show(
            request, "evidence.html", status, **shown, asked=asked, said=said, may_accept=may_operate, periods=PERIODS
        )

    def _shown(self, slug: str, asked: EvidencePage, by: str) -> dict[str, Any]:
        account = self.answers.desk.account(slug)
        report = self._answer(slug, asked, by)
        address = f"/evidence/{slug}"
        return {
            "account": account,
            "report": report,
            "address": address,
            "same": asked.same,
            "controls": seen.control_lines(report, address, asked.same),
            "coverage": seen.coverage(report),
            "reach": seen.reach(report),
            "boxes": seen.times_to_acknowledge(report),
            "exceptions": seen.exceptions(report),
            "not_seen": seen.not_seen(report),
            "seen": self.answers.stamp(slug),
            "now": self._now(slug)["now"],
            "titles": {one["check"]: one["title"] for one in report["controls"]},
        }

    def _answer(self, slug: str, asked: EvidencePage, by: str) -> Plain:
        if asked.snapshot is not None:
            return self.answers.desk.given_before(slug, asked.snapshot)
        return self.answers.of(slug, asked.period, by)

    def _whole(self, slug: str, asked: EvidencePage, by: str) -> Plain:
        """With every incident."""
        desk = self.answers.desk
        return desk.given_before(slug, asked.snapshot) if asked.snapshot else desk.report(slug, asked.period, by)

    def _now(self, slug: str, seen: str = "") -> Pieces:
        """What is being collected; and whether there is something that is not on the page of whoever has seen that."""
        is_news = bool(seen) and seen != self.answers.stamp(slug)
        under_way = self._under_way(slug)
        return {"now": piece("evidence_now.html", under_way=under_way, is_news=is_news, address=f"/evidence/{slug}")}

    def _under_way(self, slug: str) -> list[collections.Collection]:
        with self.answers.desk.db.read() as tx:
            found = [collections.under_way(tx, slug, name) for name in Name]
        return [one for one in found if one is not None]

    def _lines(self) -> list[Line]:
        desk = self.answers.desk
        accounts = desk.accounts()
        with desk.db.read() as tx:
            return [_counted(one, list(results.latest(tx, one.slug).values())) for one in accounts]


def _counted(account: Integration, judged: Sequence[Judged]) -> Line:
    return Line(account, {word: sum(one.result == word for one in judged) for word in seen.LOOKS}, judged)


def _only(fields: Mapping[str, str], body: type[AcceptFinding | WithdrawAcceptance]) -> dict[str, str]:
    """A form has a token besides, which is nobody else's business."""
    return {name: text.strip() for name, text in fields.items() if name in body.model_fields}
