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
    yes: Annotated[
        bool, typer.Option("--yes", help="With --end-links: do it; without this you are shown what would end.")
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
        if planned.is_in_use and (end_links or sys.stdin.isatty()) and not (end_links and yes):
            say(planned.says, err=True)
            if not _is_meant(name):
                return
            end_links = True
        says = removing_connector.remove(setup.db, name, by=who(by), ends_links=end_links)
    tell({"name": name, "says": says}, output)


def _is_meant(name: str) -> bool:
    if sys.stdin.isatty() and typer.confirm(f"Remove {name}, and end its live links?", err=True):
        return True
    say("Nothing was removed. Add --end-links and --yes to do it.", err=True)
    return False
