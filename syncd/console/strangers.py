"""Forms of somebody who is not signed in: another site can have them sent, and cannot know the token that only this browser was given."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from .intake import form
from .looks import page
from .problem import Problem
from .sessions import Sessions

COOKIE = "syncd_form"


@dataclass(frozen=True, slots=True)
class Strangers:
    sessions: Sessions

    def show(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        cookie = request.cookies.get(COOKIE, "") or secrets.token_urlsafe(32)
        response = page(template, status, session=None, token=_token(cookie), **values)
        is_https = urlsplit(self.sessions.site).scheme == "https"
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=is_https)
        return response

    async def sent(self, request: Request) -> Mapping[str, str]:
        """The fields of a form of ours, shown to this very browser. A program that is none has nothing another site could make use of."""
        self.sessions.check_origin(request)
        fields, cookie = await form(request), request.cookies.get(COOKIE, "")
        if not _is_browser(request):
            return fields
        given = fields.get("form_token", "").encode("utf-8", "surrogateescape")
        if not cookie or not hmac.compare_digest(given, _token(cookie).encode()):
            raise Problem(403, "The page this came from is too old; load it again.")
        return fields


def _is_browser(request: Request) -> bool:
    """Every browser of today says at least one of them with a form."""
    return any(name in request.headers for name in ("origin", "sec-fetch-site", "sec-fetch-mode"))


def _token(cookie: str) -> str:
    return hmac.new(cookie.encode("utf-8", "surrogateescape"), b"form", hashlib.sha256).hexdigest()
