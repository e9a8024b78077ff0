"""A receiver as a process of its own, for tests that kill it: python -m tests.receiver.process FOLDER PORT; the key comes by stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from syncd.receiver.app import Receiver
from syncd.receiver.server import serve
from syncd.settings import Settings
from tests.receiver.site import site


def main(folder: str, port: str) -> None:
    master_key = sys.stdin.readline().strip()
    with site(Path(folder), master_key) as here:
        receiver = Receiver(here.parts())
        serve(receiver.application(), Settings(home=Path(folder), http_port=int(port)), receiver.tally)
        sys.stdout.write("put away\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
