"""What an assistant does on the database of this machine stands in the action log; of a daemon elsewhere its own API keeps it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from syncd.cli.changing import deed_of, doing
from syncd.configuration import load
from syncd.core.permissions import Action

from .acting import Keeping


def keeping(server: str | None, config: Path | None) -> Keeping:
    def keep(tool: str, named: dict[str, str]) -> AbstractContextManager[None]:
        if server:
            return nullcontext()
        return doing(load(config), deed_of(f"mcp {tool}", Action.SYNC_OPERATE, named))

    return keep
