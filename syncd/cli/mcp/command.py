"""`syncd mcp`: an assistant asks over stdin and stdout. It can change something only where that was allowed when it was started."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import ServerOption
from syncd.errors import Misconfigured

_WRITE = "Let it also replay deliveries, and pause and resume links and accounts; without this it only looks."


def mcp(
    may_write: Annotated[bool, typer.Option("--enable-write-tools", help=_WRITE)] = False,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Serve the Model Context Protocol on stdin and stdout, for an assistant that starts this command. docs/mcp.md has how.

    It can ask why a case and its incident are not in step, and read deliveries, links, cases, evidence and what the daemon's state is.
    """
    if find_spec("mcp") is None:
        raise Misconfigured("`syncd mcp` needs what is in an extra: install `syncd[mcp]`.")
    from syncd.cli.where import reached
    from syncd.cli.who import who

    from .acting import Acting
    from .kept import keeping
    from .looking import Looking
    from .server import serving

    with reached(server, config) as reach:
        acting = Acting(reach, f"{who(None)} (by an assistant)", keeping(server, config)) if may_write else None
        serving(Looking(reach, None if server else partial(_checked_up, config)), acting).run("stdio")


def _checked_up(config: Path | None, integration: str) -> Sequence[dict[str, Any]]:
    from syncd.cli.doctor import Wide, checks
    from syncd.console.v1.checks import shown

    return [shown(one) for one in checks(config, integration, Wide())]
