"""What went wrong, as RFC 9457 problem+json with a code of ours; for people's pages, as a plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from syncd.errors import Conflict, NotFound, SyncdError, Unavailable

_TITLES = {
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
    503: "Not available now",
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
    503: "SYN-API-DATABASE",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One field of a request that is not as it should be."""

    field: str
    sentence: str


class Problem(HTTPException):
    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.faults = tuple(faults)


def answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return answer_broken(request, error)
    code = error.code if isinstance(error, Problem) else ""
    faults = error.faults if isinstance(error, Problem) else ()
    # Starlette's own say no more than the status: there is nothing here, or not by this method.
    detail = error.detail if isinstance(error, Problem) else _plain(error.status_code, request)
    return _answer(request, error.status_code, detail, code, faults, error.headers)


def answer_syncd(request: Request, error: Exception) -> Response:
    status, headers = _status_of(error)
    if status == 500:
        return answer_broken(request, error)
    return _answer(request, status, str(error), "", (), headers)


def answer_broken(request: Request, _: Exception) -> Response:
    """The server logs the traceback: Starlette raises the error again after this answer."""
    return _answer(request, 500, "syncd itself failed on this; the log has the traceback.", "", (), None)


def _status_of(error: Exception) -> tuple[int, Mapping[str, str] | None]:
    match error:
        case NotFound():
            return 404, None
        case Conflict():
            return 409, None
        case Unavailable():
            return 503, {"Retry-After": "5"}
        case SyncdError() | _:
            return 500, None


def _plain(status: int, request: Request) -> str:
    if status == 405:
        return f"{request.url.path} does not take {request.method}."
    return f"There is nothing at {request.url.path}." if status == 404 else _TITLES.get(status, "Refused") + "."


def _answer(
    request: Request,
    status: int,
    detail: str,
    code: str,
    faults: Sequence[Fault],
    headers: Mapping[str, str] | None,
) -> Response:
    if not request.url.path.startswith("/v1/"):
        return PlainTextResponse(detail, status, headers)
    body: dict[str, object] = {
        "type": "about:blank",
        "title": _TITLES.get(status, "Refused"),
        "status": status,
        "detail": detail,
        "code": code or _CODES.get(status, "SYN-API-REFUSED"),
    }
    if faults:
        body["errors"] = [{"field": fault.field, "detail": fault.sentence} for fault in faults]
    return JSONResponse(body, status, headers, media_type="application/problem+json")
