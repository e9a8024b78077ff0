"""Whoever is told to end does so, also if the first word was lost in somebody's cleaning up."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

DEAF_AT_FIRST = """
import sys, threading
from workers.ending import end_when_told, told_no_more

def send():  # As a client of the broker does: what it cleans up fails, and that error takes the place of the other.
    try:
        print("sending", flush=True)
        threading.Event().wait()
    finally:
        raise ValueError("I/O operation on closed file.")

end_when_told()
with told_no_more():
    for _ in range(2):
        try:
            send()
        except ValueError:
            print("lost", flush=True)
    threading.Event().wait()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_though_the_first_words_were_lost(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", DEAF_AT_FIRST], stdout=subprocess.PIPE, text=True) as told:
        assert told.stdout is not None
        assert told.stdout.readline() == "sending\n"
        told.send_signal(number)
        assert told.wait(30) == 0
        assert told.stdout.read() == "lost\nsending\nlost\n"
