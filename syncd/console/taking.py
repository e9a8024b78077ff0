"""What is taken out of here as a stream, and its row of the action log: how it ended is known when its last byte has gone, and not before."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from syncd.core.deeds import End, Taken
from syncd.flow.access import logbook
from syncd.store.database import Database

from .problem import refusal_of

ACTION = "X-Syncd-Action"  # the number of its row
ROWS = "X-Syncd-Rows"  # as many as there were when it began
SHA256 = "X-Syncd-Sha256"  # where it is known beforehand
LEFT = "SYN-API-LEFT"


@dataclass(frozen=True, slots=True)
class Outgoing:
    pieces: Iterator[bytes]
    rows: int | None = None  # all of them, of a file whose lines are no rows
    head: int = 0  # the lines before the first row
    close: Callable[[], object] = lambda: None  # whatever became of it, also where no piece was asked for


class Taking(StreamingResponse):
    """It ends its row by itself, which whoever keeps the log leaves to it."""

    def __init__(
        self, db: Database, number: int, outgoing: Outgoing, headers: Mapping[str, str], media_type: str
    ) -> None:
        self._digest, self._lines, self._bytes = hashlib.sha256(), 0, 0
        super().__init__(
            self._digested(outgoing.pieces), headers={**headers, ACTION: str(number)}, media_type=media_type
        )
        self._outgoing = outgoing
        self._ended = partial(logbook.end, db, number)

    def _digested(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Beside the loop of the server. It runs ahead of what has gone by one piece, which matters to nobody: of a part there is no digest."""
        for piece in pieces:
            self._digest.update(piece)
            yield piece

    async def stream_response(self, send: Send) -> None:
        """Its row ends before the sign that nothing follows, so that whoever has seen that finds it ended."""
        try:
            await _sent(send, {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for piece in self.body_iterator:
                assert isinstance(piece, bytes)  # noqa: S101  As they came in.
                await _sent(send, {"type": "http.response.body", "body": piece, "more_body": True})
                self._lines += piece.count(b"\n")
                self._bytes += len(piece)
        except BaseException as error:
            await self._end(End.FAILED, _code(error), Taken(self._rows(is_whole=False), self._bytes))
            raise
        finally:
            self._outgoing.close()
        await self._end(End.DONE, "", Taken(self._rows(is_whole=True), self._bytes, self._digest.hexdigest()))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _rows(self, *, is_whole: bool) -> int | None:
        if self._outgoing.rows is not None:
            return self._outgoing.rows if is_whole else None
        return max(0, self._lines - self._outgoing.head)

    async def _end(self, end: End, code: str, taken: Taken) -> None:
        """Also where its request is over by now, or, where syncd is stopped, its loop: a thread of its own is waited for by the process."""
        ending = threading.Thread(target=self._ended, args=(end, self.status_code, code, taken), name="taken")
        ending.start()
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(ending.join)


async def _sent(send: Send, message: Message) -> None:
    try:
        await send(message)
    except OSError as error:
        raise ClientDisconnect from error


def _code(error: BaseException) -> str:
    """Cut off is whatever is sent when its reader leaves, or the server is stopped."""
    if isinstance(error, asyncio.CancelledError | ClientDisconnect) or not isinstance(error, Exception):
        return LEFT
    return refusal_of(error)[1]
