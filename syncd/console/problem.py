"""What went wrong, as RFC 9457 problem+json with a code of ours; for people's pages, as a plain sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import structlog
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from syncd.core.query.fault import QueryError
from syncd.errors import SyncdError

from .looks import page
from .statuses import Fault, Standing, standing_of
from .unsent import Unsent

__all__ = ["TITLES", "Fault", "Problem", "ProblemBody", "answer_broken", "answer_http", "answer_syncd"]

log = structlog.stdlib.get_logger()

TITLES = {
    400: "Not understood",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Not possible now",
    413: "Too large",
    415: "Wrong media type",
    422: "Not valid",
    429: "Too many attempts",
    500: "Our fault",
    502: "Refused over there",
    503: "Not available now",
    504: "No answer from over there",
    507: "No room left",
}
_CODES = {
    401: "SYN-API-TOKEN",
    403: "SYN-API-FORBIDDEN",
    404: "SYN-API-NOTFOUND",
    405: "SYN-API-METHOD",
    408: "SYN-API-SLOW",
    409: "SYN-CASE-STATE",
    413: "SYN-API-SIZE",
    415: "SYN-API-MEDIA",
    422: "SYN-API-BODY",
    429: "SYN-API-SLOWED",
    500: "SYN-API-BROKEN",
    503: "SYN-API-AWAY",
}
_REFUSED = "SYN-API-REFUSED"
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]*)")


class FaultBody(BaseModel):
    field: str
    detail: str


class ProblemBody(BaseModel):
    """What a program gets."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FaultBody] | None = None  # of a request that is not valid: each field that is not as it should be


class Problem(HTTPException):
    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        unsent: Unsent | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.faults = tuple(faults)
        self.unsent = unsent  # of a form that was not taken


def refusal_of(error: Exception) -> tuple[int, str]:
    """Its status and its code, as it is answered."""
    if isinstance(error, HTTPException):
        code = error.code if isinstance(error, Problem) else ""
        return error.status_code, code or _CODES.get(error.status_code, _REFUSED)
    it = standing_of(error) if isinstance(error, SyncdError) else Standing(500)
    return it.status, it.code or _CODES.get(it.status, _REFUSED)


def answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return answer_broken(request, error)
    code = error.code if isinstance(error, Problem) else ""
    faults = error.faults if isinstance(error, Problem) else ()
    # Starlette's own say no more than the status: there is nothing here, or not by this method.
    detail = error.detail if isinstance(error, Problem) else _plain(error.status_code, request)
    if isinstance(error, Problem) and error.unsent is not None:
        request.state.unsent = error.unsent
    return _answer(request, error.status_code, detail, code, faults, error.headers)


def answer_syncd(request: Request, error: Exception) -> Response:
    it = standing_of(error) if isinstance(error, SyncdError) else Standing(500)
    if it.status == 500:  # Nobody raises it again, and so nobody else would log it.
        log.error("console.failed", path=request.url.path, exc_info=error)
    if it.status == 500 and not it.code:
        return answer_broken(request, error)
    is_part = it.faults and not isinstance(error, QueryError)  # which is a whole sentence by itself
    said = by_fields(str(error))
    detail = f"The request is not valid: {said}" if is_part else said
    return _answer(request, it.status, detail, it.code, it.faults, it.headers)


def by_fields(sentence: str) -> str:
    """A sentence that names what is missing by the option of a command names the field of the request; a command it quotes stays one."""
    parts = sentence.split("`")
    parts[::2] = (_OPTION.sub(lambda found: found[1].replace("-", "_"), part) for part in parts[::2])
    return "`".join(parts)


def answer_broken(request: Request, _: Exception) -> Response:
    """The server logs the traceback: Starlette raises the error again after this answer."""
    return _answer(request, 500, "syncd itself failed on this; the log has the traceback.", "", (), None)


def _plain(status: int, request: Request) -> str:
    if status == 405:
        return f"{request.url.path} does not take {request.method}."
    return f"There is nothing at {request.url.path}." if status == 404 else TITLES.get(status, "Refused") + "."


def _told_to_people(request: Request, status: int, detail: str, headers: Mapping[str, str] | None) -> Response:
    """In a browser a page that leads on; a program that says nothing of pages gets the sentence alone."""
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(detail, status, headers)
    around = request.app.state.around(request, status)
    session, token = (around.session, around.token) if around else (None, "")
    response = page(
        "refused.html",
        status,
        title=TITLES.get(status, "Refused"),
        said=detail,
        unsent=getattr(request.state, "unsent", None),
        is_stranger=status == 401,
        frame=around,
        session=session,
        token=token,
    )
    response.headers.update(headers or {})
    return response


def _answer(
    request: Request,
    status: int,
    detail: str,
    code: str,
    faults: Sequence[Fault],
    headers: Mapping[str, str] | None,
) -> Response:
    if not request.url.path.startswith("/v1/"):
        return _told_to_people(request, status, detail, headers)
    told = ProblemBody(
        type="about:blank",
        title=TITLES.get(status, "Refused"),
        status=status,
        detail=detail,
        code=code or _CODES.get(status, _REFUSED),
        errors=[FaultBody(field=fault.field, detail=fault.sentence) for fault in faults] or None,
    )
    return JSONResponse(told.model_dump(exclude_none=True), status, headers, media_type="application/problem+json")
