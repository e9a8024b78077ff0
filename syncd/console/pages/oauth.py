"""GET /oauth/callback: where PagerDuty sends a browser back to. Whoever has the state may finish what was begun; nothing that stands
in the address is shown, and it leads nowhere else than, whoever is signed in here, to the page of that account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.connections.oauth import authorising
from syncd.connections.oauth.authorising import CALLBACK
from syncd.connections.oauth.outcome import outcome
from syncd.console.frame import Frames
from syncd.console.looks import page
from syncd.console.parts import Parts
from syncd.console.sessions import Session, Sessions
from syncd.console.statuses import standing_of
from syncd.core.permissions import Action
from syncd.errors import SyncdError
from syncd.store import integrations

_LONGEST = 4_096  # characters of one value: codes and states are far shorter


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    said: str
    warnings: Sequence[str] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class OAuthPage:
    parts: Parts
    sessions: Sessions
    frames: Frames

    def routes(self) -> list[Route]:
        return [Route(CALLBACK, self._finish, methods=["GET"])]

    async def _finish(self, request: Request) -> Response:
        if request.method != "GET":  # Whoever only looks whether it is there does not use up the code.
            return Response(status_code=405, headers={"Allow": "GET"})
        came = {name: value[:_LONGEST] for name, value in request.query_params.items()}
        told = await run_in_threadpool(self._told, came)
        session = await run_in_threadpool(self.sessions.of, request, self.parts.clock.now())
        return await self._shown(request, told, came, session)

    def _told(self, came: Mapping[str, str]) -> Told:
        try:
            reached = authorising.finish(self.parts.setup(), came)
        except SyncdError as error:
            return Told("Not connected", str(error), (), standing_of(error).status)
        return Told("Connected", authorising.told(reached), reached.warnings)

    async def _shown(self, request: Request, told: Told, came: Mapping[str, str], session: Session | None) -> Response:
        """A stranger is led nowhere: it may be anybody to whom the address was sent."""
        values = {"title": told.title, "said": told.said, "warnings": told.warnings, "is_done": told.status == 200}
        if session is None or not session.caller.may(Action.INTEGRATIONS_READ):
            return page("oauth.html", told.status, **values, slug="", session=None, token="")
        request.state.session = session
        slug = await run_in_threadpool(self._account_of, came.get("state", ""))
        return await self.frames.show(request, "oauth.html", told.status, **values, slug=slug)

    def _account_of(self, state: str) -> str:
        """The account that was to be connected, if it is there."""
        found = outcome(self.parts.database, authorising.digest_of(state))
        with self.parts.database.read() as tx:
            return found.slug if found is not None and integrations.get(tx, found.slug) is not None else ""
