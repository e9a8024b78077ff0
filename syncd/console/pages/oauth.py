"""GET /oauth/callback: where PagerDuty sends a browser back to. Whoever has the state may finish what was begun; nothing that stands
in the address is shown, and it leads nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.connections.oauth import authorising
from syncd.connections.oauth.authorising import CALLBACK
from syncd.console.looks import page
from syncd.console.parts import Parts
from syncd.console.statuses import standing_of
from syncd.errors import SyncdError

_LONGEST = 4_096  # characters of one value: codes and states are far shorter


@dataclass(frozen=True, slots=True)
class OAuthPage:
    parts: Parts

    def routes(self) -> list[Route]:
        return [Route(CALLBACK, self._finish, methods=["GET"])]

    async def _finish(self, request: Request) -> Response:
        if request.method != "GET":  # Whoever only looks whether it is there does not use up the code.
            return Response(status_code=405, headers={"Allow": "GET"})
        came = {name: value[:_LONGEST] for name, value in request.query_params.items()}
        try:
            reached = await run_in_threadpool(authorising.finish, self.parts.setup(), came)
        except SyncdError as error:
            return _shown("Not connected", str(error), standing_of(error).status)
        return _shown("Connected", " ".join((authorising.told(reached), *reached.warnings)), 200)


def _shown(title: str, said: str, status: int) -> Response:
    return page("oauth.html", status, title=title, said=said, is_done=status == 200, session=None, token="")
