"""`syncd actions list` and `show`: the action log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .daemon import ConfigOption
from .reach import Json, LimitOption, OutputOption, Query, ServerOption, given

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(help="The action log: who has done what here.", no_args_is_help=True, rich_markup_mode=None)
_COLUMNS = ("id", "at", "who", "way", "action", "act", "named", "outcome", "status", "detail", "taken")


@app.callback()
def actions() -> None:
    """Who has done what here, by which way, and how it ended."""


@app.command("list")
def list_actions(  # noqa: PLR0913, PLR0917  Each is an option of its own.
    who: Annotated[str | None, typer.Option(help="Only what this person or token did.")] = None,
    action: Annotated[str | None, typer.Option(help="Only what needs this, such as sync:Operate.")] = None,
    way: Annotated[str | None, typer.Option(help="console, api or cli.")] = None,
    outcome: Annotated[str | None, typer.Option(help="begun, done, refused or failed.")] = None,
    since: Annotated[str | None, typer.Option(help="Since when, such as 24h, 7d or 2026-11-21T12:00Z.")] = None,
    before: Annotated[int | None, typer.Option(help="The id where the page before ended.")] = None,
    limit: LimitOption = 100,
    output: OutputOption = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """What people and programs have done here, newest first: by console, API or command line, and what was refused."""
    from syncd.clock import Clock

    from .output import form_of, show
    from .span import moment_of

    form_of(output)
    at = moment_of(since, Clock().now()).isoformat() if since else None
    asked = given(who=who, action=action, way=way, outcome=outcome, since=at, before=before, limit=limit)
    show(_rows(asked, server, config), output, columns=_COLUMNS, listed="actions")


@app.command("show")
def show_action(
    number: Annotated[
        int, typer.Argument(min=1, max=10**18 - 1, help="Its id, as `actions list` and an export say it.")
    ],
    output: OutputOption = None,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """One action: who did what, how it ended, and of an export how much was taken out and its SHA-256."""
    from .output import form_of, show_one

    form_of(output)
    show_one(_row(number, server, config), output)


def _row(number: int, server: str | None, config: Path | None) -> Json:
    if server:
        from .remote import remote

        with remote(server) as far:
            return far.action(number)
    from syncd.configuration import load
    from syncd.console.v1.actions import ActionsApi

    from .existing import existing_database

    with existing_database(load(config)) as db:
        return ActionsApi(db).one(number)


def _rows(asked: Query, server: str | None, config: Path | None) -> list[Json]:
    if server:
        from .remote import remote

        with remote(server) as far:
            return far.actions(asked)
    from syncd.configuration import load
    from syncd.console.queries import ActionQuery
    from syncd.console.v1.actions import ActionsApi

    from .existing import existing_database
    from .local import checked

    with existing_database(load(config)) as db:
        return list(ActionsApi(db).found(checked(ActionQuery, asked))["actions"])
