"""One running part: its process, its output cut into lines, and when it may start again. It decides nothing."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping

from syncd.embedded.part import Part
from syncd.embedded.process import clear, spawn

_LONGEST_LINE = 64 * 1024
_CHUNK, _CHUNKS_AT_ONCE = 64 * 1024, 16
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_STEADY = 30.0  # Whoever lived this long starts again from the shortest wait.


class Child:
    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        self.status: int | None = None  # of the process that ended last
        self.again_at: float | None = None
        self.last_words: deque[str] = deque(maxlen=3)
        self.is_silent = False  # It closed its output, alive or not.
        self._ends = -1
        self._started = 0.0
        self._failures = 0
        self._unfinished = b""

    def start(self, now: float, env: Mapping[str, str]) -> tuple[int, int]:
        """Answers two descriptors to watch: its output, and its end."""
        # A pipe makes Python hold its output back in blocks; the lines are wanted when they are said.
        process = spawn(
            self.part.argv,
            env={"PYTHONUNBUFFERED": "1", **self.part.env, **env},
            cwd=self.part.cwd,
            output=subprocess.PIPE,
            death_signal=self.part.death_signal,
        )
        assert process.stdout is not None  # noqa: S101  It was asked for one line above.
        os.set_blocking(process.stdout.fileno(), False)
        self.process, self._ends = process, os.pidfd_open(process.pid)
        self._started, self.again_at, self.status, self.is_silent = now, None, None, False
        self.is_ready = self.is_ready or self.part.ready is None
        return process.stdout.fileno(), self._ends

    def lines(self) -> Iterator[str]:
        """What it has said since the last time, whole lines only."""
        for chunk in self._chunks():
            *whole, self._unfinished = (self._unfinished + chunk).split(b"\n")
            if len(self._unfinished) > _LONGEST_LINE:
                whole, self._unfinished = [*whole, self._unfinished], b""
            yield from (self._said(line) for line in whole)

    def bury(self, now: float) -> Iterator[str]:
        """It has ended: kill what is left of its group, reap it, and hand out its last words."""
        if self.process is None:
            return
        self.status = clear(self.process)
        yield from self.lines()
        if self._unfinished:
            yield self._said(self._unfinished)
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self._ends)
        self.process, self._unfinished = None, b""
        self._failures = 0 if now - self._started >= _STEADY else self._failures + 1

    def wait_before_again(self) -> float:
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** max(0, self._failures - 1))

    def _chunks(self) -> Iterator[bytes]:
        if self.process is None or self.process.stdout is None:
            return
        # Bounded, so that a part that never stops talking keeps nobody else waiting.
        for _ in range(_CHUNKS_AT_ONCE):
            try:
                chunk = os.read(self.process.stdout.fileno(), _CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                self.is_silent = True
                return
            yield chunk

    def _said(self, line: bytes) -> str:
        text = line.decode("utf-8", "replace").rstrip("\r")
        self.last_words.append(text)
        return text
