"""The API's reference, a page for each noun, drawn from the very document that /openapi.json serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.contract.document import document
from syncd.console.contract.reference import reference
from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.errors import NotFound


@dataclass(frozen=True, slots=True)
class ApiPages:
    entrance: Entrance
    frames: Frames

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/api", self._list), self.entrance.page("/api/{noun}", self._one)]

    async def _list(self, request: Request) -> Response:
        about = document()["info"]["description"]
        return await self.frames.show(request, "api.html", nouns=reference(), about=about)

    async def _one(self, request: Request) -> Response:
        noun = request.path_params["noun"]
        if noun not in reference():
            raise NotFound(f"The API has nothing called {noun}; /api lists what there is.")
        return await self.frames.show(request, "api_noun.html", noun=noun, it=reference()[noun])
