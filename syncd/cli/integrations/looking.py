"""`syncd integrations list` and `test`: how the accounts are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say

from . import elsewhere
from .group import Name, integrations

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup


@integrations.command("list")
def list_integrations(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Every account: whether it is connected, and whether a person has paused it or only observes it."""
    from syncd.cli.output import show
    from syncd.console.v1.integrations import IntegrationsApi

    if server:
        with elsewhere.there(server) as far:
            show(far.integrations(), output, listed="integrations")
        return
    with joining(config) as setup:
        rows = IntegrationsApi(setup.db).found()
    show(rows, output, listed="integrations")


@integrations.command("test")
def check_integration(
    name: Name, output: OutputOption = None, server: ServerOption = None, config: ConfigOption = None
) -> None:
    """Ask the account whether it still takes the credential, and what that reaches."""
    from syncd.cli.output import form_of, show_one
    from syncd.console import told_joining

    form_of(output)
    if server:
        found = elsewhere.act(server, name, "test", {})
    else:
        with joining(config) as setup:
            _say_whom_we_ask(setup, name)
            found = dict(told_joining.tested(setup, name))
    if output is not None:
        show_one(found, output)
        return
    for what, answer in found.items():
        say(f"{what}: {answer}")


def _say_whom_we_ask(setup: Setup, name: str) -> None:
    """A far side that hangs is waited for in silence, which on a terminal looks like a fault of ours."""
    from syncd.store import integrations as store

    if not sys.stderr.isatty():
        return
    with setup.db.read() as tx:
        it = store.get(tx, name)
    if it is not None and it.sealed is not None:
        say(f"Asking {urlsplit(it.base_url).hostname} ...", err=True)
