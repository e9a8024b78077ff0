"""Senders that drip: each sends a byte a second of a request that never ends, and comes again when it is cut."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_HEAD = b"POST /hooks/pd HTTP/1.1\r\nHost: here\r\n"
#: In its head, in an announced body, in chunks.
_BEGINNINGS = (
    _HEAD + b"X-Slow: ",
    _HEAD + b"Content-Length: 100000\r\n\r\n",
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\nfff\r\n",
)
_EVERY = 1.0


@dataclass(slots=True)
class _Line:
    socket: socket.socket
    since: float


@dataclass(slots=True)
class Crawl:
    """`held`: how long each connection was left standing, by those that were cut."""

    port: int
    count: int
    held: list[float] = field(default_factory=list)
    _lines: list[_Line] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._stop.wait(_EVERY - time.monotonic() % _EVERY):
            while len(self._lines) < self.count:
                self._lines.append(self._begun(len(self._lines)))
            self._lines = [line for line in self._lines if self._drips(line)]

    def stop(self) -> None:
        self._stop.set()

    def oldest(self) -> float:
        """Seconds that the longest has been standing by now."""
        now = time.monotonic()
        return max((now - line.since for line in self._lines), default=0.0)

    def hang_up(self) -> None:
        for line in self._lines:
            line.socket.close()

    def _begun(self, number: int) -> _Line:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        line.sendall(_BEGINNINGS[number % len(_BEGINNINGS)])
        line.setblocking(False)
        return _Line(line, time.monotonic())

    def _drips(self, line: _Line) -> bool:
        """False once it has been cut."""
        try:
            line.socket.send(b"a")
            if line.socket.recv(1000):
                return True
        except BlockingIOError:
            return True
        except OSError:
            pass
        self.held.append(time.monotonic() - line.since)
        with suppress(OSError):
            line.socket.close()
        return False


@contextmanager
def crawling(port: int, count: int) -> Iterator[Crawl]:
    crawl = Crawl(port, count)
    thread = threading.Thread(target=crawl.run, name="crawl", daemon=True)
    thread.start()
    try:
        yield crawl
    finally:
        crawl.stop()
        thread.join(10)
        crawl.hang_up()
