"""The program at a real terminal: what it asks is waited for and answered, as a person would."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: As a shell at a terminal starts it: what runs in the background, as these tests may, ignores Ctrl-C and hands that on.
_HEARS_CTRL_C = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[0] = "syncd"
runpy.run_module("syncd", run_name="__main__")
"""
_WITHIN = 60.0
_AGAIN = 1.0
_READY = ": "  # the last of a question is said when its answer is read


class Terminal:
    def __init__(self, process: subprocess.Popen[bytes], side: int) -> None:
        self._process, self._side = process, side
        self.seen, self._behind = "", 0

    def answer(self, question: str, answer: str) -> None:
        """Each question only once: what was asked before it is behind us."""
        self._wait(question)
        os.write(self._side, f"{answer}\n".encode())

    def interrupt(self, question: str) -> None:
        """Again if nothing is said to it: Python does not hear a first Ctrl-C that comes just before it waits for a line."""
        self._wait(question)
        self._process.send_signal(signal.SIGINT)
        while self._process.poll() is None and not self._is_said_within(_AGAIN):
            self._process.send_signal(signal.SIGINT)

    def interrupt_once(self, words: str) -> None:
        """Of what asks nothing: when it has said this."""
        while words not in self.seen:
            assert self._read(), f"{words!r} was not said: {self.seen}"
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """It asks nothing any more."""
        while self._read():
            pass
        return self._process.wait(_WITHIN)

    def _wait(self, words: str) -> None:
        while (place := self.seen.find(words, self._behind)) < 0:
            assert self._read(), f"{words!r} was not asked: {self.seen}"
        self._behind = place + len(words)
        while not self.seen.endswith(_READY):  # What is typed before that is thrown away by whoever asks for a secret.
            assert self._read(), f"{words!r} was not to be answered: {self.seen}"

    def _read(self) -> bool:
        assert self._is_said_within(_WITHIN), f"It hangs: {self.seen}"
        try:
            read = os.read(self._side, 65536)
        except OSError:  # Its other end is closed.
            return False
        self.seen += read.decode(errors="replace")
        return bool(read)

    def _is_said_within(self, seconds: float) -> bool:
        return bool(select.select([self._side], [], [], seconds)[0])


@contextmanager
def terminal(home: Path, *words: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _HEARS_CTRL_C, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=home,
        env={**os.environ, "COLUMNS": "400", "PYTHONPATH": str(Path(__file__).parents[3])},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
