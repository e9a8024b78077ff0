"""A relay in front of a peer that can hold one request before it arrives, or one answer before it is told. It changes no byte."""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNK = 65536
_TEARDOWN = 5.0


@dataclass(slots=True)
class Hold:
    """What waits for the first request that has all these words in it."""

    words: tuple[bytes, ...]
    is_answer: bool
    lands: bool = False  # it goes on to the peer even when its sender has gone meanwhile
    is_taken: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    passed: threading.Event = field(default_factory=threading.Event)  # on its way again, or given up

    def meets(self, request: bytes) -> bool:
        return not self.is_taken and all(word in request for word in self.words)

    def wait_reached(self, seconds: float = 20.0) -> None:
        assert self.reached.wait(seconds), f"No request with {self.words} came within {seconds:.0f} s."

    def release(self, seconds: float = 20.0) -> None:
        self.let_go.set()
        assert self.passed.wait(seconds), f"What was held for {self.words} could not be passed on."


class Gate:
    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._holds: list[Hold] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._lines: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, name="gate", daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def hold_request(self, *words: str) -> Hold:
        """It leaves its sender and does not arrive."""
        return self._add(words, is_answer=False)

    def delay_request(self, *words: str) -> Hold:
        """It is on its way when its sender dies, and lands all the same."""
        hold = self._add(words, is_answer=False)
        hold.lands = True
        return hold

    def hold_answer(self, *words: str) -> Hold:
        """It arrives and is carried out, and its sender does not hear of it."""
        return self._add(words, is_answer=True)

    def close(self) -> None:
        for hold in self._holds:
            hold.let_go.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for line in self._open:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
        for thread in (self._accepting, *self._lines):
            thread.join(_TEARDOWN)

    def _add(self, words: tuple[str, ...], *, is_answer: bool) -> Hold:
        hold = Hold(tuple(word.encode() for word in words), is_answer)
        with self._lock:
            self._holds.append(hold)
        return hold

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:  # Closed.
                return
            thread = threading.Thread(target=self._serve, args=(line,), name="gate-line", daemon=True)
            self._lines.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        """One connection, one request after another."""
        with self._known(line):
            try:
                with self._known(socket.create_connection(("127.0.0.1", self._upstream))) as far:
                    while self._exchange(line, far):
                        pass
            except OSError:
                return  # Either side hung up; the other one sees its connection close.

    def _exchange(self, line: socket.socket, far: socket.socket) -> bool:
        request = _message(line)
        if not request:
            return False
        hold = self._matching(request)
        if hold is not None and not hold.is_answer and not _held(hold, line):
            return False
        far.sendall(request)
        if hold is not None and not hold.is_answer:
            hold.passed.set()
        answer = _message(far)
        if hold is not None and hold.is_answer and not _held(hold, line):
            return False
        line.sendall(answer)
        if hold is not None:
            hold.passed.set()
        return bool(answer)

    def _matching(self, request: bytes) -> Hold | None:
        with self._lock:
            found = next((hold for hold in self._holds if hold.meets(request)), None)
            if found is not None:
                found.is_taken = True
            return found

    @contextmanager
    def _known(self, line: socket.socket) -> Iterator[socket.socket]:
        with self._lock:
            self._open.add(line)
        try:
            with line:
                yield line
        finally:
            with self._lock:
                self._open.discard(line)


def _held(hold: Hold, sender: socket.socket) -> bool:
    """Wait to be let go; False when the sender has gone meanwhile, so that nothing of it may go on."""
    hold.reached.set()
    hold.let_go.wait()
    if hold.lands or not _has_gone(sender):
        return True
    hold.passed.set()
    return False


def _has_gone(sender: socket.socket) -> bool:
    readable, _, _ = select.select([sender], [], [], 0)
    try:
        return bool(readable) and not sender.recv(1, socket.MSG_PEEK)
    except ConnectionResetError:
        return True


def _message(line: socket.socket) -> bytes:
    """One whole request or answer; empty when the other end hung up between two."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = line.recv(_CHUNK)
        if not chunk:
            return b""
        data += chunk
    head = data.partition(b"\r\n\r\n")[0]
    found = _LENGTH.search(head)
    whole = len(head) + 4 + (int(found[1]) if found else 0)
    while len(data) < whole:
        chunk = line.recv(_CHUNK)
        if not chunk:
            return b""
        data += chunk
    return data
