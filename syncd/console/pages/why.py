"""One box for whatever somebody has in hand at night: what keeps the two sides apart, who has to act, and how it came so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.intake import query
from syncd.console.pages.asked import WhyPage
from syncd.console.pages.remedies import button
from syncd.console.parts import Parts
from syncd.console.statuses import standing_of
from syncd.errors import SyncdError
from syncd.flow.why.answer import Answer, Asker


@dataclass(frozen=True, slots=True)
class WhyPages:
    parts: Parts
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/why", self._page)]

    async def _page(self, request: Request) -> Response:
        asked = query(request, WhyPage)
        answer, said, status = None, "", 200
        if asked.ref:
            try:
                answer = await run_in_threadpool(self._answer, asked)
            except SyncdError as error:
                said, status = str(error), standing_of(error).status
        return await self.frames.show(
            request,
            "why.html",
            status,
            asked=asked,
            answer=answer,
            said=said,
            button=None if answer is None else button(answer.verdict),
        )

    def _answer(self, asked: WhyPage) -> Answer:
        parts = self.parts
        asker = Asker(
            parts.database,
            lambda: parts.connections,
            parts.clock,
            public_url=parts.public_url,
            prover=parts.prover,
        )
        return asker.why(asked.ref, is_compared=asked.compare)
