"""`syncd integrations list` and `test`: how the accounts are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.reach import OutputOption

from .group import Name, integrations

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup


@integrations.command("list")
def list_integrations(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """Every account: whether it is connected, and whether a person has paused it or only observes it."""
    from syncd.cli.output import show
    from syncd.console.api_integrations import IntegrationsApi

    with joining(config) as setup:
        rows = IntegrationsApi(setup.db).found()
    show(rows, output)


@integrations.command("test")
def check_integration(name: Name, output: OutputOption = None, config: ConfigOption = None) -> None:
    """Ask the account whether it still takes the credential, and what that reaches."""
    from syncd.cli.output import form_of, show_one
    from syncd.connections.joining import accounts

    form_of(output)
    with joining(config) as setup:
        _say_whom_we_ask(setup, name)
        found = {**accounts.check(setup, name), **_whether_it_is_still_disconnected(setup, name)}
    if output is not None:
        show_one(found, output)
        return
    for what, answer in found.items():
        typer.echo(f"{what}: {answer}")


def _whether_it_is_still_disconnected(setup: Setup, name: str) -> dict[str, str]:
    """A credential that works again lets nothing go by itself: a worker has to have asked as well."""
    from syncd.core.lifecycle import IntegrationState
    from syncd.flow.accounts import ASK_AGAIN_EVERY
    from syncd.store import integrations as store

    with setup.db.read() as tx:
        it = store.get(tx, name)
    if it is None or it.state is not IntegrationState.DISCONNECTED:
        return {}
    return {
        "state": f"still disconnected; a worker asks it again within {ASK_AGAIN_EVERY.total_seconds():.0f} s and then "
        f"lets everything go, and `syncd integrations rotate {name}` with the same credential does so at once"
    }


def _say_whom_we_ask(setup: Setup, name: str) -> None:
    """A far side that hangs is waited for in silence, which on a terminal looks like a fault of ours."""
    from syncd.store import integrations as store

    if not sys.stderr.isatty():
        return
    with setup.db.read() as tx:
        it = store.get(tx, name)
    if it is not None and it.sealed is not None:
        typer.echo(f"Asking {urlsplit(it.base_url).hostname} ...", err=True)
