"""The page of one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.parts import Parts
from syncd.console.problem import Problem
from syncd.console.unsent import Unsent, words_of
from syncd.core.permissions import Action
from syncd.errors import Conflict
from syncd.store import connectors
from syncd.store.cases import PRIORITIES, Cases, Done, Hand

VIA = "page"
_FOLDED_AT = 2_000  # characters of one text; the rest is one link away


class CasePage(BaseModel):
    whole: bool = False


@dataclass(frozen=True, slots=True)
class CasePages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> list[Route]:
        return [
            self.entrance.page("/cases/{key}", self._case),
            self.entrance.act("/cases/{key}/{act}", self._act),
        ]

    async def _case(self, request: Request) -> Response:
        return await self._show(request, request.path_params["key"], is_whole=query(request, CasePage).whole)

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        key, act = request.path_params["key"], request.path_params["act"]
        hand = Hand(session.name, VIA)
        try:
            await run_in_threadpool(_do, self.parts.cases, key, act, hand, fields)
        except Conflict as error:
            words = words_of(fields)
            return await self._show(request, key, str(error), 409, unsent=Unsent("", words) if words else None)
        return RedirectResponse(f"/cases/{key}", 303)

    async def _show(
        self,
        request: Request,
        key: str,
        said: str = "",
        status: int = 200,
        *,
        is_whole: bool = False,
        unsent: Unsent | None = None,
    ) -> Response:
        file = await run_in_threadpool(self.parts.cases.file, key)
        is_one_way = await run_in_threadpool(self._is_one_way, file.case.connector)
        return await self.frames.show(
            request,
            "case.html",
            status,
            file=file,
            case=file.case,
            said=said,
            unsent=unsent,
            is_whole=is_whole,
            folded_at=_FOLDED_AT,
            priorities=PRIORITIES,
            has_demo=self.parts.demo is not None,
            is_one_way=is_one_way,
            may_act=session_of(request).caller.may(Action.CASES_WRITE),
        )

    def _is_one_way(self, connector: str) -> bool:
        with self.parts.database.read() as tx:
            return connectors.is_one_way(tx, connector)


def _do(cases: Cases, key: str, act: str, hand: Hand, fields: Mapping[str, str]) -> Done:
    text = fields.get("text", "")
    match act:
        case "acknowledge":
            return cases.acknowledge(key, hand)
        case "resolve":
            return cases.resolve(key, hand, text)
        case "close":
            return cases.close(key, hand)
        case "reopen":
            return cases.reopen(key, hand)
        case "priority":
            return cases.set_priority(key, hand, fields.get("priority", ""))
        case "resolution-note":
            return cases.set_resolution_note(key, hand, text)
        case "comments":
            if not text.strip():
                raise Conflict("The comment has no words.")
            return cases.comment(key, hand, text)
        case _:
            raise Problem(404, f"Nothing called {act!r} can be done to a case.")
