"""`syncd integrations remove`: first what goes with an account, then, with --yes, the account itself."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.reach import ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import Name, integrations


@integrations.command("remove")
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this you are shown what would go.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also when PagerDuty cannot be asked to delete our subscription.")
    ] = False,
    by: By = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove an account with its connectors: its links end, and our webhook subscription is deleted at PagerDuty."""
    from syncd.flow.orders import removing

    if server:
        with elsewhere.there(server) as far:
            if yes or _is_meant(name, far.remove_integration(name, {"by": who(by), "dry_run": True})["says"]):
                say(far.remove_integration(name, {"by": who(by), "force": force})["says"])
        return
    with joining(config) as setup:
        if yes or _is_meant(name, removing.plan(setup, name).says):
            say(removing.remove(setup, name, by=who(by), is_forced=force))


def _is_meant(name: str, planned: str) -> bool:
    say(planned)
    if sys.stdin.isatty() and typer.confirm(f"Remove {name}?", err=True):
        return True
    say("Nothing was removed. Add --yes to do it.", err=True)
    return False
