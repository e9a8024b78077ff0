"""Who is signed in to the pages. With the API token: a cookie that proves itself; only its end before its time
is stored. A user: a row in the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from syncd.core.permissions import Caller, Role
from syncd.flow.access import signing_in
from syncd.store.database import Database
from syncd.store.users import User

from .problem import Problem

COOKIE = "syncd_session"
LASTS = timedelta(hours=12)
KNOWN = "syncd_browser"  # outlives sessions, and opens nothing: who has it is slowed down by its own failures alone
KNOWN_FOR = timedelta(days=400)  # longer is kept by no browser
_USER = "user"  # how a user's cookie begins; the other kind begins with the base64 of a list


@dataclass(frozen=True, slots=True)
class Session:
    caller: Caller
    form_token: str
    cookie: str
    is_user: bool = False  # else it was begun with the API token, under whatever name was given

    @property
    def name(self) -> str:
        return self.caller.name


class Sessions:
    """The key is made of the API token: a new token ends every session that was begun with it."""

    def __init__(self, api_token: str, site: str, database: Database) -> None:
        self._database = database
        self._key = hmac.digest(api_token.encode(), b"syncd console session", hashlib.sha256)
        self._is_open = bool(api_token)
        self.site = site
        self._site = urlsplit(site)

    def new(self, name: str, now: datetime) -> Session:
        """Of whoever has the API token, under the name that he gives."""
        nonce = secrets.token_urlsafe(16)
        told = [name, nonce, int((now + LASTS).timestamp())]
        payload = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
        return self._by_token(name, nonce, f"{payload}.{self._proof('cookie', payload)}")

    def new_of_user(self, user: User) -> Session | None:
        """None: it is not who was checked any more."""
        carried = signing_in.begin_session(self._database, user, LASTS)
        return None if carried is None else _of_user(Caller(user.name, Role(user.role)), f"{_USER}.{carried}")

    def give(self, response: Response, session: Session) -> None:
        response.set_cookie(
            COOKIE,
            session.cookie,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self._site.scheme == "https",
        )

    def remember(self, response: Response, carried: str) -> None:
        """Only where somebody signs in is it sent."""
        response.set_cookie(
            KNOWN,
            carried,
            max_age=int(KNOWN_FOR.total_seconds()),
            path="/login",
            httponly=True,
            samesite="strict",
            secure=self._site.scheme == "https",
        )

    def end(self, response: Response, session: Session) -> None:
        kind, _, carried = session.cookie.partition(".")
        if kind == _USER:
            signing_in.end_session(self._database, carried)
        else:
            _, nonce, until = _told(kind)
            signing_in.sign_out(self._database, nonce, datetime.fromtimestamp(until, UTC))
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self._site.scheme == "https")

    def of(self, request: Request, now: datetime) -> Session | None:
        """It may ask the database."""
        cookie = request.cookies.get(COOKIE, "")
        payload, _, proof = cookie.partition(".")
        if payload == _USER:
            caller = signing_in.of_session(self._database, proof)
            return None if caller is None else _of_user(caller, cookie)
        if not self._is_open or not _same(proof, self._proof("cookie", payload)):
            return None
        name, nonce, until = _told(payload)
        if now.timestamp() >= until or signing_in.is_signed_out(self._database, nonce):
            return None
        return self._by_token(name, nonce, cookie)

    def _by_token(self, name: str, nonce: str, cookie: str) -> Session:
        return Session(Caller(name, Role.ADMIN), self._proof("form", nonce), cookie)

    def is_form_of(self, session: Session, given: str) -> bool:
        """Whether one of our own pages, shown to this session, sent it."""
        return _same(given, session.form_token)

    def check_origin(self, request: Request) -> None:
        # Browsers send it with every form that is posted; a program that does not carries no cookie by accident.
        if "origin" in request.headers and not self.is_from_here(request):
            raise Problem(403, "This came from a page of another site.")

    def is_from_here(self, request: Request) -> bool:
        """A browser says that a page of ours sent it."""
        origin = urlsplit(request.headers.get("origin", "")).netloc
        return bool(origin) and origin in {request.headers.get("host"), self._site.netloc}

    def _proof(self, what: str, value: str) -> str:
        return hmac.new(self._key, f"{what}:{value}".encode(), hashlib.sha256).hexdigest()


def _told(payload: str) -> tuple[str, str, int]:
    name, nonce, until = json.loads(base64.urlsafe_b64decode(payload))
    return name, nonce, until


def _of_user(caller: Caller, cookie: str) -> Session:
    """What only this browser has makes the form token: another site can make its forms be sent, and cannot read this."""
    return Session(caller, hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest(), cookie, is_user=True)


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())
