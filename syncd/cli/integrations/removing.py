"""`syncd integrations remove`: first what goes with an account, then, with --yes, the account itself."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.who import By, who

from .group import Name, integrations


@integrations.command("remove")
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this you are shown what would go.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also when PagerDuty cannot be asked to delete our subscription.")
    ] = False,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    """Remove an account with its connectors: its links end, and our webhook subscription is deleted at PagerDuty."""
    from syncd.flow.orders import removing

    with joining(config) as setup:
        if not yes:
            typer.echo(removing.plan(setup, name).says)
            if not (sys.stdin.isatty() and typer.confirm(f"Remove {name}?", err=True)):
                typer.echo("Nothing was removed. Add --yes to do it.", err=True)
                return
        typer.echo(removing.remove(setup, name, by=who(by), is_forced=force))
