"""`syncd tokens ...`: ways in to /v1 for programs, each with a role. One is shown when it is made, and never again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say
from syncd.errors import Misconfigured

from .daemon import ConfigOption
from .reach import OutputOption
from .valid import valid
from .who import By, who

if TYPE_CHECKING:
    from syncd.console.v1.access import AccessApi

app = typer.Typer(help="API tokens: who may use /v1, and for what.", no_args_is_help=True, rich_markup_mode=None)
_NEVER = "never"
_DAYS = re.compile(r"([1-9][0-9]{0,3})d?", re.ASCII)
RoleOption = Annotated[str, typer.Option("--role", help="viewer, operator, admin or auditor.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called; all it does is recorded under this name.")],
    role: RoleOption,
    integration: Annotated[
        list[str] | None, typer.Option(help="It may touch only this one; give it again for another.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="After so many days, such as 30d; 90d when left out, or never.")
    ] = None,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a token and show it, this once. Whoever has it may do what its role allows."""
    from syncd.cli.output import show_one
    from syncd.console.bodies import IssueToken

    asked = {"name": name, "role": role_of(role), "integrations": integration or [], "by": who(by)}
    with access(config) as api:
        made = api.issue(valid(IssueToken, {**asked, **_lasting(expires)}))
    if output is not None:
        show_one(made, output)
        return
    say(made["token"])
    say(f"It is shown only now; put it where the program finds it, such as SYNCD_TOKEN. {made['says']}", err=True)


@app.command("list")
def list_tokens(output: OutputOption = None, config: ConfigOption = None) -> None:
    """Every token there is or was: its role, its accounts, when it expires and when it was last used, to the minute.

    Those that expire within 14 days are named beside it.
    """
    from syncd.cli.joining import mind
    from syncd.cli.output import is_for_people, show

    with access(config) as api:
        rows = api.tokens()
    mind([f"{one['name']} expires within 14 days, at {one['expires_at']}." for one in rows if one["ends_soon"]])
    if is_for_people(output):
        rows = [{**one, "expires_at": one["expires_at"] or "never"} for one in rows]
    show(
        rows,
        output,
        columns=("id", "name", "role", "integrations", "state", "expires_at", "last_used_at"),
        listed="tokens",
    )


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Its name or its id; `syncd tokens list` shows them.")],
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """From this moment on it opens nothing."""
    from syncd.cli.output import tell
    from syncd.console.bodies import RevokeToken

    with access(config) as api:
        tell(api.revoke(token, valid(RevokeToken, {"by": who(by)})), output)


@contextmanager
def access(config: Path | None) -> Iterator[AccessApi]:
    """The same code as behind /v1."""
    from syncd.configuration import load
    from syncd.console.v1.access import AccessApi

    from .existing import existing_database

    with existing_database(load(config)) as db:
        yield AccessApi(db)


def role_of(given: str) -> str:
    from syncd.core.permissions import Role

    if given not in set(Role):
        raise Misconfigured(f"--role {given} is no role; it is {', '.join(list(Role)[:-1])} or {list(Role)[-1]}.")
    return given


def _lasting(expires: str | None) -> Mapping[str, int | str]:
    """Left out, it is what the body says."""
    if expires is None:
        return {}
    if expires.strip() == _NEVER:
        return {"expires_days": _NEVER}
    found = _DAYS.fullmatch(expires.strip())
    if found is None:
        raise Misconfigured(f"--expires {expires} is no number of days; write 90d, or {_NEVER}.")
    return {"expires_days": int(found[1])}
