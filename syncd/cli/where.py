"""Here or elsewhere: opens what a command about records acts on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .reach import Reach


@contextmanager
def reached(server: str | None, config: Path | None) -> Iterator[Reach]:
    if server:
        from .remote import remote

        with remote(server) as found:
            yield found
    else:
        from .local import local

        with local(config) as own:
            yield own
