"""Small programs that play a part: each says what happens to it. And a way to wait until a process has gone."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

# A handler may interrupt the very write it would make, so each line is one write, past Python's buffers.
PATIENT = """
import os, signal, sys
def say(word): os.write(1, word.encode() + b"\\n")
def told(number, frame):
    say(signal.Signals(number).name)
    if number in leaves_on: sys.exit(0)
for number in (signal.SIGTERM, signal.SIGQUIT): signal.signal(number, told)
say("up")
while True: signal.pause()
"""


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


def leaving_on(*names: str) -> tuple[str, ...]:
    """Says `up`, then the name of every signal it is sent; ends at one of `names`."""
    return python(f"import signal; leaves_on = {{{', '.join(f'signal.{name}' for name in names)}}}\n{PATIENT}")


def is_gone_within(pid: int, seconds: float) -> bool:
    """Ended, reaped or not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def children_of(parent: int) -> set[int]:
    """Living and ended ones."""
    found = set()
    for task in Path(f"/proc/{parent}/task").iterdir():
        found |= {int(pid) for pid in (task / "children").read_text(encoding="ascii").split()}
    return found
