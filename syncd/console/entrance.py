"""Who may see a page: whoever signed in with the API token; in the demo, whoever sits at this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .parts import Parts
from .problem import Problem
from .sessions import Session, Sessions

Show = Callable[[Session], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Entrance:
    parts: Parts
    sessions: Sessions

    async def let_in(self, request: Request, show: Show) -> Response:
        """Show the page, or ask who it is. The demo opens its session by itself, to loopback only."""
        session = self.sessions.of(request, self.parts.clock.now())
        if session is not None:
            return await show(session)
        if self.parts.demo is None or not _is_local(request):
            return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
        session = self.sessions.new(self.parts.demo.case_person)
        response = await show(session)
        self.sessions.give(response, session, self.parts.clock.now())
        return response

    def require(self, request: Request) -> Session:
        session = self.sessions.of(request, self.parts.clock.now())
        if session is None:
            raise Problem(401, "You are not signed in; open /login first.")
        return session


def _is_local(request: Request) -> bool:
    """Both ends are this machine, and by a name of this machine: another site's name may point here too."""
    peer = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return _is_loopback(peer) and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
