"""Shots fired at a port as fast as it answers: many on each connection without waiting, and those that break one, alone."""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from tests.faults.shots import Due, Shot

LINES = 64  # connections at once
AT_ONCE = 16  # requests on each of them before the first is answered
_PATIENCE = 30.0
_LINGERS = 0.5  # seconds that a broken request is listened to
_ANSWER = re.compile(
    rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?content-length: (\d+)\r\n(?:[^\r]+\r\n)*?\r\n", re.IGNORECASE
)
_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Result:
    answered: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)  # sentences, each with the number of its shot
    signed: set[bytes] = field(default_factory=set)  # digests of the bodies that a right secret has signed
    taken: int = 0

    def judge(self, shot: Shot, statuses: Sequence[int]) -> None:
        self.answered.update(statuses)
        self.taken += sum(status // 100 == 2 for status in statuses)
        if shot.is_whole and len(statuses) != 1:
            self._wrong(shot, "was not answered")
        for status in statuses:
            is_taken = status // 100 == 2
            if status // 100 not in {2, 4} or (
                is_taken is not (shot.due is Due.TAKEN) and shot.due is not Due.NOTHING_BAD
            ):
                self._wrong(shot, f"was answered {status}")

    def _wrong(self, shot: Shot, what: str) -> None:
        self.wrong.append(f"shot {shot.number} ({shot.kind}) {what}, and due was {shot.due}")


class Volley:
    def __init__(self, port: int) -> None:
        self._port = port
        self.result = Result()
        self._lines: list[socket.socket] = []
        self._lingering: deque[tuple[float, socket.socket, Shot]] = deque()

    def fire(self, shots: Iterable[Shot]) -> None:
        left = iter(shots)
        while salvo := list(islice(left, LINES * AT_ONCE)):
            for shot in salvo:
                if shot.signed is not None:
                    self.result.signed.add(digest(shot.signed))
            for shot in (one for one in salvo if not one.is_whole):
                self._alone(shot)
            self._together([one for one in salvo if one.is_whole])
            self._hang_up(time.monotonic() - _LINGERS)

    def ask(self, shot: Shot) -> int:
        """The status that one is answered with, on a connection that is kept."""
        if not self._lines:
            self._lines.append(self._connected())
        self._lines[0].sendall(shot.raw)
        (status,) = _statuses(self._lines[0], 1)
        return status

    def close(self) -> None:
        """Those that still hang are listened to for the last time."""
        if self._lingering:
            self._lingering[-1][1].settimeout(_LINGERS)
            with suppress(OSError):
                self._lingering[-1][1].recv(1, socket.MSG_PEEK)
        self._hang_up(time.monotonic())
        for line in self._lines:
            line.close()

    def _together(self, shots: Sequence[Shot]) -> None:
        groups = [shots[at : at + AT_ONCE] for at in range(0, len(shots), AT_ONCE)]
        while len(self._lines) > len(groups):
            self._lines.pop().close()  # One that stands idle is closed by the receiver, and not only now.
        while len(self._lines) < len(groups):
            self._lines.append(self._connected())
        for number, group in enumerate(groups):
            self._lines[number].sendall(b"".join(one.raw for one in group))
        for number, group in enumerate(groups):
            statuses = _statuses(self._lines[number], len(group))
            for at, shot in enumerate(group):
                self.result.judge(shot, statuses[at : at + 1])
            if len(statuses) < len(group):
                self._lines[number].close()
                self._lines[number] = self._connected()

    def _alone(self, shot: Shot) -> None:
        line = self._connected()
        with suppress(OSError):  # It may be refused before all of it is sent.
            line.sendall(shot.raw)
        if shot.is_abrupt:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            line.close()
            return
        line.setblocking(False)
        self._lingering.append((time.monotonic(), line, shot))

    def _hang_up(self, until: float) -> None:
        while self._lingering and self._lingering[0][0] <= until:
            _, line, shot = self._lingering.popleft()
            said = bytearray()
            with line, suppress(OSError):
                while part := line.recv(65536):
                    said += part
            self.result.judge(shot, [int(one) for one in re.findall(rb"HTTP/1\.1 ([2-5]\d\d) ", bytes(said))])

    def _connected(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line


def digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=12).digest()


def _statuses(line: socket.socket, count: int) -> list[int]:
    """Of as many answers, or fewer when the connection ends before."""
    found: list[int] = []
    got = b""
    while len(found) < count:
        try:
            part = line.recv(65536)
        except OSError:
            return found
        if not part:
            return found
        got += part
        while (match := _ANSWER.match(got)) and len(got) >= match.end() + int(match[2]):
            found.append(int(match[1]))
            got = got[match.end() + int(match[2]) :]
    return found
