"""Commands that know no --server ask the machine they run on. Where SYNCD_SERVER names another, they refuse instead of answering for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from syncd.errors import Misconfigured

if TYPE_CHECKING:
    from click import Command

SERVER_VARIABLE = "SYNCD_SERVER"

#: As people type them. The first line runs a daemon or prepares its schema: that is here by its nature, and its units may well share an
#: environment with people. The second asks neither a database nor a daemon; `config` tells what this very shell says.
FREE = frozenset({
    *("up", "web", "worker", "beat", "demo", "sim", "db upgrade"),
    *("explain", "deliveries fields", "connectors types", "evidence verify", "config check", "config show"),
})  # fmt: skip


def guarded(does: Callable[..., Any], typed: str) -> Callable[..., Any]:
    @wraps(does)
    def here(**given: Any) -> Any:  # noqa: ANN401  As Typer calls it.
        if server := os.environ.get(SERVER_VARIABLE):
            message = (
                f"`syncd {typed}` has no --server and asks the machine it runs on, while {SERVER_VARIABLE} names {server}; run it "
                f"there, or unset {SERVER_VARIABLE} to ask this machine."
            )
            raise Misconfigured(message)
        return does(**given)

    return here


def is_only_here(command: Command, typed: str) -> bool:
    """It opens what is on this machine, and cannot be sent elsewhere."""
    return typed not in FREE and not any(one.name == "server" for one in command.params)
