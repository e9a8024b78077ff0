"""`syncd integrations log`: what happened to connections, who did it, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.reach import LimitOption, OutputOption, ServerOption, given

from . import elsewhere
from .group import integrations

_COLUMNS = ("at", "integration", "kind", "by", "code")


@integrations.command("log")
def log(
    name: Annotated[str, typer.Argument(help="One account, also one that was removed; all when left out.")] = "",
    before: Annotated[int | None, typer.Option(help="The id where the page before ended.")] = None,
    limit: LimitOption = 100,
    output: OutputOption = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """The history of connections, newest first."""
    from syncd.cli.output import form_of, show
    from syncd.console.v1.connection_log import history

    form_of(output)
    if server:
        with elsewhere.there(server) as far:
            rows = far.connection_log(name, given(before=before, limit=limit))
        show(rows, output, columns=_COLUMNS, below="detail")
        return
    with joining(config) as setup:
        rows = history(setup.db, name, before=before, limit=limit)
    show(rows, output, columns=_COLUMNS, below="detail")
