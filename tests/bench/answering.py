"""The daemon's web process over a full database, and a client that may ask it everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from .process import running, wait_for_port
from .rig import Rig

_TOKEN = "a-token-for-the-bench"
_SLOW = 60.0  # seconds; so that what is far too slow is measured, and not cut off


@contextmanager
def answering(ready: Rig) -> Iterator[httpx.Client]:
    port, env = ready.settings.console_port, {**ready.env, "SYNCD_API_TOKEN": _TOKEN}
    with running("-m", "syncd", "web", env=env, log=ready.folder / "web.log"):
        wait_for_port(port)
        headers = {"Authorization": f"Bearer {_TOKEN}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=_SLOW) as client:
            yield client
