"""A load generator that costs little: ready-made requests over kept-alive connections, one at a time on each."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop


@dataclass(slots=True)
class Shot:
    """What came of one run of requests."""

    seconds: float
    statuses: Counter[int]
    latencies_ms: list[float] = field(repr=False)

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], shot: Shot, done: asyncio.Future[None]) -> None:
        self._requests, self._shot, self._done = requests, shot, done
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by class, only by what they do.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        self._buffer = b""
        self._shot.statuses[int(head[9:12])] += 1
        self._shot.latencies_ms.append((time.perf_counter() - self._sent_at) * 1000)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def fire(port: int, requests: Sequence[bytes], connections: int = 64) -> Shot:
    return uvloop.run(_fire(port, requests, connections))


async def _fire(port: int, requests: Sequence[bytes], connections: int) -> Shot:
    loop = asyncio.get_running_loop()
    shot = Shot(0.0, Counter(), [])
    left = iter(requests)
    ends = [loop.create_future() for _ in range(connections)]
    begun = time.perf_counter()
    for end in ends:
        await loop.create_connection(partial(_Connection, left, shot, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    shot.seconds = time.perf_counter() - begun
    return shot
