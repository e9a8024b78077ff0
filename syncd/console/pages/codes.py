"""A page for each code: what it means, what to do, and who can. It is what every code shown elsewhere leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.core.api_codes import API_CODES
from syncd.core.diagnostics import CATALOGUE
from syncd.errors import NotFound


@dataclass(frozen=True, slots=True)
class CodePages:
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/codes", self._list), self.entrance.page("/codes/{code}", self._one)]

    async def _list(self, request: Request) -> Response:
        found = [*CATALOGUE.values(), *API_CODES.values()]
        return await self.frames.show(request, "codes.html", codes=found)

    async def _one(self, request: Request) -> Response:
        code = request.path_params["code"].upper()
        found = CATALOGUE.get(code) or API_CODES.get(code)
        if found is None:
            raise NotFound(f"There is no code {code}; /codes lists those there are.")
        return await self.frames.show(request, "code.html", code=found)
