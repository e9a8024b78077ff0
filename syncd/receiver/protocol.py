"""HTTP connections that end in time: a deadline from the first byte of a request to its last, bounds on what is no body.

uvicorn itself waits for headers, bodies and readers for ever, and keeps any number of header bytes and queued requests.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from .limits import Tally

_MOST_HEAD = 64 * 1024  # names and values of one request's headers and trailers, and its address
_MOST_HEADERS = 128
_MOST_QUEUED = 32  # requests sent without waiting for answers; uvicorn would queue as many as come


@dataclass(frozen=True, slots=True)
class Bounds:
    deadline: float  # seconds for one request to come in, and for its answer to be fetched
    tally: Tally = field(repr=False)


# uvicorn warns of each malformed or surplus request through it; those are counted instead.
_log = logging.getLogger("syncd.receiver.http")
_log.setLevel(logging.ERROR)


class BoundedProtocol(HttpToolsProtocol):
    bounds: Bounds

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _log
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._head = self._lines = 0  # of the request that is coming in
        self._unheard = 0  # bytes fed since the parser last told of anything
        self._has_begun = self._has_head = False  # a request, ever
        self._unanswered: deque[RequestResponseCycle] = deque()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As uvicorn's own.
        super().connection_made(transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_reading_timer()
        self._stop_writing_timer()
        # uvicorn tells only the newest request; an older one would go on writing into what is closed.
        for cycle in self._unanswered:
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unheard += len(data)
        if not self._has_head or self.cycle.response_complete:
            # Blank lines before a request begin nothing, and must not hold the connection open for ever.
            self._expect_request()
        super().data_received(data)
        # One endless header, trailer or chunk extension never becomes an event: it would be kept byte by byte.
        if self._unheard > _MOST_HEAD:
            self._too_much("request.head_too_large")

    def on_message_begin(self) -> None:
        self._unheard = self._head = self._lines = 0
        self._has_begun = True
        if len(self.pipeline) >= _MOST_QUEUED:
            self._too_much("request.queue_too_long")
            raise ValueError("More requests are queued on one connection than are kept here.")
        self._expect_request()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._heard(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines += 1
        self._heard(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._unheard = 0
        if max(len(self.connections), len(self.tasks)) >= (self.limit_concurrency or math.inf):
            self.bounds.tally.count("request.one_too_many")  # uvicorn answers it 503, and would say so of each.
        super().on_headers_complete()
        self._has_head = True
        self._unanswered.append(self.cycle)

    def on_response_complete(self) -> None:
        self._unanswered.popleft()
        super().on_response_complete()

    def on_chunk_header(self) -> None:
        self._unheard = 0

    def on_body(self, body: bytes) -> None:
        self._unheard = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unheard = 0
        self._stop_reading_timer()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(self.bounds.deadline, self._cut)

    def resume_writing(self) -> None:
        self._stop_writing_timer()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            self.bounds.tally.count("request.malformed")
            super().send_400_response(msg)

    def _heard(self, size: int) -> None:
        self._unheard = 0
        self._head += size
        if self._head > _MOST_HEAD or self._lines > _MOST_HEADERS:
            # Raised in the parser's callback, it ends as a malformed request.
            raise ValueError("The request's head is larger than is read here.")

    def _too_much(self, event: str) -> None:
        if not self.transport.is_closing():
            self.bounds.tally.count(event)
            self.transport.abort()

    def _expect_request(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(self.bounds.deadline, self._is_late)

    def _is_late(self) -> None:
        if self.flow.read_paused and not self.flow.write_paused:
            # Its rest may be here already: we do not read on before those sent ahead of it are answered.
            self._reading = None
            self._expect_request()
        else:
            self._cut()

    def _cut(self) -> None:
        self._reading = self._writing = None
        # A connection that was only opened is no request.
        if self._has_begun and not self.transport.is_closing():
            self.bounds.tally.count("request.cut")
        self.transport.abort()

    def _stop_reading_timer(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _stop_writing_timer(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None


def bounded(bounds: Bounds) -> type[asyncio.Protocol]:
    """The server makes the protocols itself, so what they need is bound to a class of its own."""
    return type("BoundProtocol", (BoundedProtocol,), {"bounds": bounds})
