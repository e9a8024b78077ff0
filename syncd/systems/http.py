"""The only door to other people's HTTP servers: one request, one answer, one Exchange, never past the trip's deadline.

It repeats nothing, follows nothing and sleeps never. What went wrong comes out as one of the SideErrors.
"""

from __future__ import annotations

import json as jsonlib
import ssl
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlencode

import httpcore
import httpx

from syncd import __version__
from syncd.errors import Ambiguous, Misconfigured, RateLimited, ReadOnly, Refused, SideError, Unreachable, Untrusted
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.tracing import context, spans

from . import redact, wire
from .answer import Answer, by_status, date_of, pause_of
from .document import NotADocument, clean, cleaned, parse
from .toll import FREE, Toll
from .trip import Exchange, Trip

BODY_LIMIT = 4 * 1024 * 1024
CONNECTIONS = 32
IDLE_S = 4.0  # Common servers hang up after 5 s; a write on a connection they are just closing would be ambiguous.

Params = Mapping[str, str | int | Sequence[str]]
Explain = Callable[[Answer], SideError | None]


class Bearer(Protocol):
    """A credential that changes while it is used. It is asked before every request, and asks for another in time."""

    def token(self, trip: Trip) -> str:
        """Raises a SideError where there is none to be had."""

    def refused(self, token: str) -> None:
        """The far side answered 401 to this one: the next request is made with another, if there is one to be had."""


@dataclass(slots=True)
class _Reply:
    """What has come so far."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)


class _Deadlined(httpx.BaseTransport):
    """Says ConnectError when nothing of the request went out, and ReadError when something did."""

    def __init__(self, context: ssl.SSLContext | None, outgoing: Outgoing) -> None:
        self._pool = wire.pool(context, CONNECTIONS, IDLE_S, outgoing)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call: wire.Call = request.extensions["call"]
        target = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(
            request.method,
            target,
            headers=request.headers.raw,
            content=request.content,
            extensions={"timeout": {"pool": max(call.left(), 0.001)}},
        )
        with _told_apart(call):
            given = self._pool.handle_request(asked)
        return httpx.Response(given.status, headers=given.headers, stream=_Body(given, call))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, given: httpcore.Response, call: wire.Call) -> None:
        self._given, self._call = given, call

    def __iter__(self) -> Iterator[bytes]:
        with _told_apart(self._call):
            yield from self._given.iter_stream()

    def close(self) -> None:
        self._given.close()


@contextmanager
def _told_apart(call: wire.Call) -> Iterator[None]:
    """Turns httpcore's exceptions into the two that matter."""
    try:
        yield
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        said = str(error) or type(error).__name__
        raise (httpx.ReadError(said) if call.has_sent else httpx.ConnectError(said)) from error


class Http:
    """Built after a fork, shared by the threads of one process."""

    def __init__(  # noqa: PLR0913  each is one property of the far side, and named at every call
        self,
        name: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        secrets: Sequence[str] = (),
        others: Iterable[str] = (),
        verify: str | None = None,
        explain: Explain | None = None,
        outgoing: Outgoing = PUBLIC_ONLY,
        transport: httpx.BaseTransport | None = None,
        toll: Toll = FREE,
        is_read_only: bool = False,
        bearer: Bearer | None = None,
    ) -> None:
        """`others`: secrets of other accounts, which it may quote as well when it refuses something; they may grow."""
        self.name, self.base_url = name, _checked_url(name, base_url)
        self._headers = {"User-Agent": f"syncd/{__version__}", "Accept-Encoding": "identity", **headers}
        for header, value in self._headers.items():
            _check_header(name, header, value)
        self._secrets, self._others = tuple(filter(None, secrets)), others
        self._explain, self._toll, self._is_read_only = explain, toll, is_read_only
        self._bearer = bearer
        self._transport = transport or _Deadlined(_trust(name, self.base_url, verify), outgoing)
        # A system that was built anew leaves the old one behind: its sockets close when nobody uses it any more.
        self._close = weakref.finalize(self, self._transport.close)

    def close(self) -> None:
        self._close()

    @property
    def has_bearer(self) -> bool:
        """Somebody hands out its tokens: nobody can give it a key."""
        return self._bearer is not None

    def send(
        self,
        trip: Trip,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return a 2xx; raise everything else as a SideError. A body is JSON or a form."""
        self._refuse_to_write(method, path)
        token = self._bearer.token(trip) if self._bearer is not None else ""
        self._refuse_late(trip, method, path)
        self._pay(trip, method, path)
        json = cleaned(json)
        call = wire.Call(trip.left)
        request = self._request(
            trip, call, method, path, params, _body(json, form), {**(headers or {}), **_signed(token)}
        )
        reply, began = _Reply(), trip.monotonic()
        try:
            with wire.under(call):
                self._carry(request, reply)
        except httpx.TransportError as error:
            raise self._lost(method, path, error) from error
        finally:
            answer = self._answer(method, path, reply, token)
            took_ms = int((trip.monotonic() - began) * 1000)
            is_kept = trip.keeps_answers or not is_success(answer.status)
            sent = json if form is None else form
            trip.exchanges.append(self._exchange(request, sent, answer, took_ms, is_kept=is_kept))
            self._toll.heard(answer.status, answer.headers)
        if answer.status == 401 and self._bearer is not None:
            self._bearer.refused(token)
        if is_success(answer.status):
            return answer
        raise (self._explain and self._explain(answer)) or by_status(answer)

    def _refuse_to_write(self, method: str, path: str) -> None:
        if self._is_read_only and is_write(method):
            raise ReadOnly(
                f"{self.name} is only read here, so that {method} {path} was not sent; `syncd integrations set NAME --read-only off` "
                "lets it be written to."
            )

    def _refuse_late(self, trip: Trip, method: str, path: str) -> None:
        if is_write(method) and not trip.can_still_write():
            raise Unreachable(f"Too little time was left to begin {method} {path} at {self.name}; it is tried again.")
        if trip.left() <= 0:
            raise Unreachable(f"No time was left to ask {self.name} for {path}; it is tried again.")

    def _pay(self, trip: Trip, method: str, path: str) -> None:
        if trip.paid:
            trip.paid -= 1
            return
        wait = self._toll.pay(trip.purpose, 1)
        if wait:
            raise RateLimited(
                f"The request budget of {self.name} is spent, so {method} {path} waits; it is tried in {wait:.0f} s.",
                retry_after=wait,
                status=None,
            )

    def _request(
        self,
        trip: Trip,
        call: wire.Call,
        method: str,
        path: str,
        params: Params | None,
        sent: tuple[str, bytes],
        headers: Mapping[str, str],
    ) -> httpx.Request:
        media_type, body = sent
        kind = {"Content-Type": media_type} if body else {}
        return httpx.Request(
            method,
            self.base_url + path,
            params=params,
            headers={**kind, **self._headers, **headers, "X-Request-Id": trip.next_request_id(), **_traced()},
            content=body if body or is_write(method) else None,
            # The second is for transports without sockets, which keep the deadline in their own way.
            extensions={"call": call, "timeout": dict.fromkeys(("connect", "read", "write", "pool"), call.left())},
        )

    def _carry(self, request: httpx.Request, reply: _Reply) -> None:
        response = self._transport.handle_request(request)
        try:
            reply.status = response.status_code
            reply.headers = {name.lower(): value for name, value in response.headers.items()}
            encoding = reply.headers.get("content-encoding", "identity")
            if encoding.lower() != "identity":
                raise httpx.ReadError(f"The answer came packed as {encoding}, which was not asked for.")
            for chunk in _chunks(response):
                reply.body += chunk[: BODY_LIMIT - len(reply.body)]
                if len(reply.body) >= BODY_LIMIT:
                    break
        finally:
            response.close()

    def _lost(self, method: str, path: str, error: httpx.TransportError) -> SideError:
        cause = redact.text(str(error).rstrip("."), self._secrets)
        if _is_untrusted(error):
            return Untrusted(f"{self.name} at {self.base_url} is not trusted ({cause}); it is tried again.")
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            return Unreachable(f"{self.name} at {self.base_url} cannot be reached ({cause}); it is tried again.")
        if is_write(method):
            return Ambiguous(
                f"{self.name} gave no whole answer to {method} {path} ({cause}); the next attempt looks before it writes."
            )
        return Unreachable(f"{self.name} gave no whole answer to {method} {path} ({cause}); it is tried again.")

    def _answer(self, method: str, path: str, reply: _Reply, token: str) -> Answer:
        secrets = self._secrets if is_success(reply.status) else (*self._secrets, token, *self._others)
        text = reply.body.decode(errors="replace")
        try:
            value = parse(text) if text else None
        except NotADocument:
            value = None
        masked = str(redact.known(text, secrets))  # Some systems quote a bad key in their error.
        if value is not None and ("\\" in text or masked != text):  # JSON may spell the same key in other letters,
            value = redact.known(value, secrets)  # and a mask in place of a number would leave no JSON.
            text = jsonlib.dumps(value, ensure_ascii=False)
        else:
            text = masked
        return Answer(self.name, method, path, reply.status or 0, reply.headers, value, clean(text), is_write(method))

    def _exchange(
        self, request: httpx.Request, sent: object, answer: Answer, duration_ms: int, *, is_kept: bool
    ) -> Exchange:
        got = redact.body(answer.text if answer.json is None else answer.json) if is_kept else None
        return Exchange(
            method=request.method,
            url=redact.url(str(request.url), self._secrets),
            status=answer.status or None,
            request_id=request.headers["X-Request-Id"],
            their_request_id=redact.text(answer.headers.get("x-request-id", ""), self._secrets)[:255],
            duration_ms=duration_ms,
            sent=redact.body(sent, self._secrets),
            got=got or None,
            retry_after_s=pause_of(answer.headers) if answer.status == 429 else None,
            date=date_of(answer.headers),
        )


def _body(json: object, form: Mapping[str, str] | None) -> tuple[str, bytes]:
    """Its media type, and what goes out."""
    if form is not None:
        return "application/x-www-form-urlencoded", urlencode(form).encode()
    body = b"" if json is None else jsonlib.dumps(json, ensure_ascii=False, allow_nan=False).encode()
    return "application/json", body


def _traced() -> dict[str, str]:
    """What is asked on a change's way says so, for whoever collects traces over there."""
    trace = spans.outgoing()
    return {context.HEADER: trace} if trace else {}


def _signed(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _is_untrusted(error: BaseException) -> bool:
    """Whether a certificate was refused: that stands deep below, in what the socket said first."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    if not isinstance(response.stream, httpx.SyncByteStream):
        raise TypeError("The transport's answer must be readable without a loop.")
    yield from response.stream


def is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def is_write(method: str) -> bool:
    return method not in {"GET", "HEAD"}


def segment(ref: str) -> str:
    """One piece of a path. Ids come from outside and must not lead anywhere else."""
    if ref in {"", ".", ".."}:
        raise Refused(f"{ref!r} names no record.", reason="gone")
    return quote(ref, safe="")


def _checked_url(name: str, base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Misconfigured(
            f"The address of {name} cannot be read ({error}); give one like https://host/path."
        ) from error
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise Misconfigured(f"The address of {name} must be like https://host/path, without user, query or fragment.")
    return base_url.rstrip("/")


def _check_header(name: str, header: str, value: str) -> None:
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise Misconfigured(
            f"The {header} header for {name} holds characters that HTTP does not carry; enter the value again without them."
        )


def _trust(name: str, base_url: str, verify: str | None) -> ssl.SSLContext | None:
    """The certificates to believe; None on plain HTTP, where loading them would cost time for nothing."""
    if not base_url.startswith("https:"):
        return None
    if verify is None:
        return httpx.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=verify)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(
            f"The certificate file {verify} for {name} cannot be read ({error}); correct its path."
        ) from error
