"""Who is signed in to the pages: a cookie that carries the name and proves itself, so that nothing is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from .problem import Problem

COOKIE = "syncd_session"
LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    name: str
    nonce: str


class Sessions:
    """The key is made of the API token: a new token ends every session."""

    def __init__(self, api_token: str, site: str) -> None:
        self._key = hmac.digest(api_token.encode(), b"syncd console session", hashlib.sha256)
        self._is_open = bool(api_token)
        self._site = urlsplit(site)

    def new(self, name: str) -> Session:
        return Session(name, secrets.token_urlsafe(16))

    def give(self, response: Response, session: Session, now: datetime) -> None:
        told = [session.name, session.nonce, int((now + LASTS).timestamp())]
        payload = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
        response.set_cookie(
            COOKIE,
            f"{payload}.{self._proof('cookie', payload)}",
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self._site.scheme == "https",
        )

    def end(self, response: Response) -> None:
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=self._site.scheme == "https")

    def of(self, request: Request, now: datetime) -> Session | None:
        payload, _, proof = request.cookies.get(COOKIE, "").partition(".")
        if not self._is_open or not _same(proof, self._proof("cookie", payload)):
            return None
        name, nonce, until = json.loads(base64.urlsafe_b64decode(payload))
        return Session(name, nonce) if now.timestamp() < until else None

    def form_token(self, session: Session) -> str:
        return self._proof("form", session.nonce)

    def check_form(self, request: Request, session: Session, given: str) -> None:
        """Raises Problem unless one of our own pages, shown to this session, sent it."""
        self.check_origin(request)
        if not _same(given, self.form_token(session)):
            raise Problem(403, "The page this came from is too old; load it again.")

    def check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        # Browsers send it with every form that is posted; a program that does not carries no cookie by accident.
        if origin is not None and urlsplit(origin).netloc not in {request.headers.get("host"), self._site.netloc}:
            raise Problem(403, "This came from a page of another site.")

    def _proof(self, what: str, value: str) -> str:
        return hmac.new(self._key, f"{what}:{value}".encode(), hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())
