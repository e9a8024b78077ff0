"""The built-in cases: those there are, and opening one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages.asked import CasesPage
from syncd.console.parts import Parts
from syncd.core.changes import Status
from syncd.core.permissions import Action
from syncd.errors import Misconfigured, SyncdError
from syncd.store import connectors
from syncd.store.cases import PRIORITIES, Hand, NewCase

_ON_A_PAGE = 50
_TITLE_MOST, _BODY_MOST, _SERVICE_MOST = 1024, 60_000, 255
_VIA = "page"


@dataclass(frozen=True, slots=True)
class CasesPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/cases", self._list), self.entrance.act("/cases", self._open)]

    async def _list(self, request: Request) -> Response:
        return await self._show(request, query(request, CasesPage))

    async def _open(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        try:
            new = _as_asked(fields)
            opened = await run_in_threadpool(self.parts.cases.open, new, Hand(session.name, _VIA))
        except SyncdError as error:
            return await self._show(request, CasesPage(), said=str(error), typed=fields, status=409)
        return RedirectResponse(f"/cases/{opened.case.key}", 303)

    async def _show(
        self,
        request: Request,
        asked: CasesPage,
        *,
        said: str = "",
        typed: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        found, there = await run_in_threadpool(self._found, asked)
        same = {"status": asked.status} if asked.status else {}
        last = found[-1].key if len(found) == _ON_A_PAGE else None
        return await self.frames.show(
            request,
            "cases.html",
            status,
            cases=found,
            asked=asked,
            said=said,
            typed=typed or {},
            statuses=list(Status),
            priorities=PRIORITIES,
            connectors=there,
            may_open=session_of(request).caller.may(Action.CASES_WRITE),
            newer=f"/cases?{urlencode(same)}" if asked.before else "",
            older=f"/cases?{urlencode({**same, 'before': last})}" if last else "",
        )

    def _found(self, asked: CasesPage) -> tuple[Sequence[Any], Sequence[str]]:
        filters = {"status": asked.status} if asked.status else {}
        with self.parts.database.read() as tx:
            there = connectors.of_cases(tx, self.parts.cases.slug)
        return self.parts.cases.listing(filters, limit=_ON_A_PAGE, before=asked.before), list(there)


def _as_asked(fields: Mapping[str, str]) -> NewCase:
    title, body = fields.get("title", "").strip(), fields.get("body", "")
    if not title or len(title) > _TITLE_MOST or len(body) > _BODY_MOST:
        raise Misconfigured(
            f"A case has a title of at most {_TITLE_MOST} characters, and a text of at most {_BODY_MOST}."
        )
    priority = fields.get("priority", "")
    if priority not in PRIORITIES:
        raise Misconfigured(f"A priority is one of {', '.join(PRIORITIES)}.")
    service = fields.get("service", "").strip()
    if len(service) > _SERVICE_MOST:
        raise Misconfigured(f"A service is named by at most {_SERVICE_MOST} characters: its id or its name.")
    return NewCase(title, body, priority, fields.get("connector", "").strip(), service=service)
