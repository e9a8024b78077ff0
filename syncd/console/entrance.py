"""Who may see a page: whoever is signed in and whose role allows it; in the demo also whoever sits at this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.core.deeds import OWN_PASSWORD, SIGN_OUT, Deed, KnownAs, Way, harmless

from . import row_numbers
from .bearer import Handler, require_action
from .intake import form
from .logbook import Logbook
from .parts import Parts
from .permits import OPEN, PAGES, SIGNED_IN, Permit, Place
from .problem import Problem
from .sessions import Session, Sessions
from .unsent import Unsent, page_of, words_of

#: What whoever is signed in may do, as the action log calls it.
_OWN = {("POST", "/logout"): SIGN_OUT, ("POST", "/password"): OWN_PASSWORD}


@dataclass(frozen=True, slots=True)
class Entrance:
    parts: Parts
    sessions: Sessions

    def page(self, path: str, handler: Handler) -> Route:
        """A stranger is asked who it is, and led back. The demo opens its session by itself, to loopback only."""
        return Route(path, self._let_in("GET", path, handler, self._ask), methods=["GET"])

    def take(self, path: str, handler: Handler) -> Route:
        """A page's file, of which the action log keeps who took it: its handler begins the row."""
        return Route(path, self._let_in("GET", path, handler, self._ask, is_logged=True), methods=["GET"])

    def act(self, path: str, handler: Handler, method: str = "POST") -> Route:
        """What no person opens by its address: a stranger gets no more than a 401."""
        return Route(
            path, self._let_in(method, path, handler, self._refuse, is_logged=method != "GET"), methods=[method]
        )

    def _let_in(
        self, method: str, path: str, handler: Handler, otherwise: Handler, *, is_logged: bool = False
    ) -> Handler:
        place = (method, path)
        if place in OPEN:
            return handler
        permit = PAGES.get(place)

        async def endpoint(request: Request) -> Response:
            session = await run_in_threadpool(self.sessions.of, request, self.parts.clock.now())
            request.state.is_let_in = partial(self._is_let_in, request, permit)
            if session is not None:
                return await shown(request, session)
            if otherwise == self._refuse or self.parts.demo is None or not _is_local(request):
                return await otherwise(request)
            session = self.sessions.new(self.parts.demo.case_person, self.parts.clock.now())
            response = await shown(request, session)
            self.sessions.give(response, session)
            return response

        async def shown(request: Request, session: Session) -> Response:
            doing = partial(_show, session=session, permit=permit, handler=handler, is_free=place in SIGNED_IN)
            if not is_logged or request.method == "HEAD":
                return await doing(request)
            deed = _deed(request, session, place, permit)
            return await Logbook(self.parts.database).keeping(request, deed, doing)

        return endpoint

    def _is_let_in(self, request: Request, permit: Permit | None) -> bool:
        if self.parts.demo is not None and _is_local(request):
            return True
        session = self.sessions.of(request, self.parts.clock.now())
        return session is not None and (permit is None or session.caller.may(permit.action))

    async def _ask(self, request: Request) -> Response:
        """Led back to the very page, with what was asked of it."""
        going = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(f"/login?next={quote(going)}", 303)

    async def _refuse(self, request: Request) -> Response:
        """What was typed would be lost: a session may end while somebody writes. To whom another site has send it nothing is shown."""
        words: Sequence[tuple[str, str]] = ()
        if request.method == "POST" and self.sessions.is_from_here(request):
            with suppress(Problem):
                words = words_of(await form(request))
        raise Problem(401, "You are not signed in; open /login first.", unsent=Unsent(_page(request), words))

    async def sent(self, request: Request) -> tuple[Session, Mapping[str, str]]:
        """The fields of a form of ours, shown to this very session. From here on it stands in the action log."""
        session, fields = session_of(request), await form(request)
        self.sessions.check_origin(request)
        if not self.sessions.is_form_of(session, fields.get("form_token", "")):
            unsent = Unsent(_page(request), words_of(fields) if self.sessions.is_from_here(request) else ())
            raise Problem(403, "The page this came from is too old; load it again.", unsent=unsent)
        await Logbook(self.parts.database).begin(request, fields)
        return session, fields


def session_of(request: Request) -> Session:
    session: Session = request.state.session
    return session


def is_still_let_in(request: Request) -> bool:
    """For what goes on being told after the page was let in: signed out, disabled, another role, or its time is over. It may ask the database."""
    let_in: Callable[[], bool] = request.state.is_let_in
    return let_in()


def _deed(request: Request, session: Session, place: Place, permit: Permit | None) -> Deed:
    known = KnownAs.USER if session.is_user else KnownAs.OWN_TOKEN
    action = _OWN.get(place, "") if permit is None else permit.action
    address = row_numbers.plain(place[1])
    return Deed(session.name, known, Way.CONSOLE, action, f"{place[0]} {address}", harmless(request.path_params))


async def _show(
    request: Request, session: Session, permit: Permit | None, handler: Handler, *, is_free: bool = False
) -> Response:
    """A page that was forgotten in the table is shown to nobody."""
    if permit is not None:
        require_action(session.caller, permit)
    elif not is_free:
        raise Problem(403, "This page has no action yet, so nobody may use it.", code="SYN-API-NOACTION")
    request.state.session = session
    return await handler(request)


def _page(request: Request) -> str:
    return page_of(request.url.path, request.headers.get("referer", ""))


def _is_local(request: Request) -> bool:
    """Both ends are this machine, and by a name of this machine: another site's name may point here too. What a proxy brings is not."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for")):
        return False
    peer = request.client.host if request.client else ""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return _is_loopback(peer) and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
