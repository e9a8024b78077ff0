"""`syncd connectors remove`: a connector goes, and with it, if that is said, the links that use it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.reach import OutputOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from .group import connectors


@connectors.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The connector; `syncd connectors list` shows them.")],
    end_links: Annotated[
        bool, typer.Option("--end-links", help="Also its live links; without this they keep it, unless you are asked.")
    ] = False,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove a connector; a service key goes with it. What waits is withdrawn, each change with its row; the history stays.

    Cases and incidents stay as they are. A rule that names it has to be removed first.
    """
    from syncd.cli.output import form_of, tell
    from syncd.flow.orders import removing_connector

    form_of(output)
    with joining(config) as setup:
        planned = removing_connector.plan(setup.db, name)
        if planned.is_in_use and not end_links and sys.stdin.isatty():
            say(planned.says, err=True)
            end_links = typer.confirm(f"Remove {name}, and end its live links?", err=True)
        says = removing_connector.remove(setup.db, name, by=who(by), ends_links=end_links)
    tell({"name": name, "says": says}, output)
