"""`syncd integrations reconnect`: a disconnected account goes on, with the credential it has or with another."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, is_asked_for, joining, mind
from syncd.cli.reach import Json, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import Name, integrations

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup


@integrations.command("reconnect")
def reconnect(
    name: Name,
    email: Annotated[str, typer.Option(help="PagerDuty, with another key: another user our writes are made as.")] = "",
    secret_file: SecretFile = None,
    by: By = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Take a disconnected account up again: with the credential it has, if that works again, else with another one.

    What was held goes on in its order. A new credential that is given (--secret-file, SYNCD_SECRET) is taken at once; an account
    connected by OAuth is agreed to anew by `authorise`.
    """
    has_another = not is_asked_for(secret_file)
    if server:
        fields: Json = {"by": who(by), "email": email}
        if has_another:
            fields["secret"] = asked_secret(secret_file, "new credential")
        elsewhere.said(elsewhere.act(server, name, "reconnect", fields))
        return
    with joining(config) as setup:
        if has_another or not _goes_on(setup, name, who(by)):
            _with_another(setup, name, asked_secret(secret_file, "new credential"), email, who(by))


def _goes_on(setup: Setup, name: str, by: str) -> bool:
    """Whether with what it has. A person at a terminal is asked for another key then, where another key is what helps."""
    from syncd.console.told_joining import reconnected
    from syncd.errors import SyncdError

    try:
        told = reconnected(setup, name, by=by)
    except SyncdError as error:
        it = setup.integration(name)
        if it.is_connected or it.is_by_oauth or not sys.stdin.isatty():
            raise
        say(f"syncd: {error}", err=True)
        return False
    say(told["says"])
    return True


def _with_another(setup: Setup, name: str, secret: str, email: str, by: str) -> None:
    from syncd.console.told_joining import rotated

    warnings, says = rotated(setup, name, secret, email=email, by=by)
    say(says)
    mind(warnings)
