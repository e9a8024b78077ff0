"""`syncd integrations rotate`: an account gets another credential, or with --move another account takes its place."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import SecretFile, asked_secret, joining, mind
from syncd.cli.reach import Json, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from . import elsewhere
from .group import Name, integrations

if TYPE_CHECKING:
    from syncd.connections.joining.moving import Given
    from syncd.connections.joining.setup import Setup


@integrations.command("rotate")
def rotate(
    name: Name,
    email: Annotated[str, typer.Option(help="PagerDuty: another user whom our writes are made as.")] = "",
    move: Annotated[
        bool,
        typer.Option("--move", help="PagerDuty: the key is of another account, which takes the place of this one."),
    ] = False,
    service: Annotated[
        list[str] | None,
        typer.Option(help="With --move: OLD=NEW, where the new account calls a connector's service otherwise."),
    ] = None,
    where: Annotated[
        str, typer.Option(help="With --move: us, eu or an address, where the new account is elsewhere.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="With --move: do it; without this you are shown what becomes of it.")
    ] = False,
    secret_file: SecretFile = None,
    by: By = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Give an account another credential; what the old one's refusal held goes on in order.

    With --move the key of another account: links to incidents of the old one end, with a row for each change that waits, and
    connectors go to the services of the same names.
    """
    from syncd.connections.joining.moving import Given
    from syncd.console.told_joining import rotated
    from syncd.errors import Misconfigured

    if not move and (service or where or yes):
        message = "--service, --where and --yes are those of a move; add --move, or leave them out."
        raise Misconfigured(message)
    services = _pairs(service or ())
    if server:
        fields: Json = {"by": who(by), "email": email, "secret": asked_secret(secret_file, "new credential")}
        if move:
            moved = {**fields, "move": True, "where": where, "services": services}
            _move_elsewhere(server, name, moved, is_sure=yes)
        else:
            elsewhere.said(elsewhere.act(server, name, "rotate", fields))
        return
    with joining(config) as setup:
        secret = asked_secret(secret_file, "new credential")
        if move:
            _move(setup, name, Given(secret, email, where, services), who(by), is_sure=yes)
            return
        warnings, says = rotated(setup, name, secret, email=email, by=who(by))
        say(says)
    mind(warnings)


def _move(setup: Setup, name: str, given: Given, by: str, *, is_sure: bool) -> None:
    from syncd.flow.orders import moving

    planned = moving.plan(setup, name, given, by=by)
    if not is_sure:
        say(planned.says)
        if not _is_agreed(name):
            return
    say(moving.move(setup, planned, by=by))
    mind(planned.warnings)


def _move_elsewhere(server: str, name: str, fields: Json, *, is_sure: bool) -> None:
    if not is_sure:
        say(elsewhere.act(server, name, "rotate", {**fields, "dry_run": True})["says"])
        if not _is_agreed(name):
            return
    elsewhere.said(elsewhere.act(server, name, "rotate", fields))


def _is_agreed(name: str) -> bool:
    if sys.stdin.isatty() and typer.confirm(f"Move {name}?", err=True):
        return True
    say("Nothing was changed. Add --yes to do it.", err=True)
    return False


def _pairs(given: Sequence[str]) -> Mapping[str, str]:
    from syncd.errors import Misconfigured

    found = {}
    for one in given:
        old, equals, new = (part.strip() for part in one.partition("="))
        if not (old and equals and new):
            message = f"--service {one} names no two services; write OLD=NEW."
            raise Misconfigured(message)
        found[old] = new
    return found
