"""One check of an account: what is asked, by which rules, what is not in order, and who lives with it. And the answers that were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.evidence_answers import Answers
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages import evidence_seen as seen
from syncd.console.pages.asked import EvidenceCheckPage, SnapshotsPage
from syncd.console.v1.evidence import EvidenceApi
from syncd.core.permissions import Action
from syncd.errors import NotFound, SyncdError
from syncd.evidence.findings.catalogue import CHECKS
from syncd.evidence.report.changes import Change
from syncd.evidence.report.findings_page import page_of
from syncd.evidence.report.spoken import spoken
from syncd.store.evidence import snapshots

_ON_A_PAGE, _CHANGES, _SNAPSHOTS = 50, 150, 60


@dataclass(frozen=True, slots=True)
class EvidenceCheckPages:
    entrance: Entrance
    frames: Frames
    answers: Answers

    def routes(self) -> Sequence[Route]:
        return [
            self.entrance.page("/evidence/{slug}/snapshots", self._snapshots),
            self.entrance.page("/evidence/{slug}/{check}", self._check),
        ]

    async def _check(self, request: Request) -> Response:
        asked, session = query(request, EvidenceCheckPage), session_of(request)
        slug, check = request.path_params["slug"], request.path_params["check"]
        shown = await run_in_threadpool(self._checked, slug, check, asked, session.name)
        may_accept = session.caller.may(Action.EVIDENCE_OPERATE)
        return await self.frames.show(request, "evidence_check.html", **shown, asked=asked, may_accept=may_accept)

    def _checked(self, slug: str, check: str, asked: EvidenceCheckPage, by: str) -> dict[str, Any]:
        desk = self.answers.desk
        account = desk.account(slug)
        if check not in CHECKS:
            raise NotFound(f"There is no check called {check}; /evidence/{slug} shows them.")
        report = desk.given_before(slug, asked.snapshot) if asked.snapshot else self.answers.of(slug, asked.period, by)
        found = page_of(report, check, asked.after, _ON_A_PAGE)
        address = f"/evidence/{slug}/{check}"
        given = [one for one in EvidenceApi(self.answers).acceptances(slug) if one["check"] == check]
        return {
            "account": account,
            "report": report,
            "control": found.control,
            "rows": found.rows,
            "look": seen.LOOKS[found.control["result"]],
            "strip": seen.strip(found.control["days"]),
            "rules": {key: spoken(report["rules"][key]) for key in CHECKS[check].rules if key in report["rules"]},
            "needs": [one for one in report["datasets"] if one["dataset"] in CHECKS[check].needs],
            "acceptances": given[:_ON_A_PAGE],
            "address": address,
            "newest": f"{address}?{urlencode(asked.same)}" if asked.after else "",
            "older": f"{address}?{urlencode({**asked.same, 'after': found.next})}" if found.next else "",
        }

    async def _snapshots(self, request: Request) -> Response:
        asked, session, slug = query(request, SnapshotsPage), session_of(request), request.path_params["slug"]
        found: list[Change] | None = None
        said, status = "", 200
        try:
            if asked.a is not None:
                found = await run_in_threadpool(self.answers.desk.compared, slug, asked.a, asked.b, session.name)
        except SyncdError as error:
            said, status = str(error), 409
        account = await run_in_threadpool(self.answers.desk.account, slug)
        kept = await run_in_threadpool(self._kept, slug)
        return await self.frames.show(
            request,
            "evidence_snapshots.html",
            status,
            account=account,
            kept=kept[:_SNAPSHOTS],
            more=len(kept[_SNAPSHOTS:]),
            asked=asked,
            said=said,
            changes=found[:_CHANGES] if found is not None else None,
            more_changes=len(found[_CHANGES:]) if found else 0,
        )

    def _kept(self, slug: str) -> Sequence[snapshots.Line]:
        with self.answers.desk.db.read() as tx:
            return snapshots.listing(tx, slug)
