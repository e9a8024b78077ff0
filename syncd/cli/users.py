"""`syncd users ...`: people who sign in to the console. A password is asked for, and never stands on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from .daemon import ConfigOption
from .joining import SecretFile, asked_secret
from .reach import OutputOption
from .saying import say
from .tokens import RoleOption, access, role_of
from .valid import valid
from .who import By, who

app = typer.Typer(help="People who sign in to the console.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="The name to sign in with; what the person does is recorded under it.")]


@app.command()
def add(
    name: Name,
    role: RoleOption,
    secret_file: SecretFile = None,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Let somebody sign in. The password comes from a hidden prompt, a file or SYNCD_SECRET."""
    from syncd.cli.output import tell
    from syncd.console.bodies import AddUser

    asked = {"name": name, "role": role_of(role), "by": who(by)}
    with access(config) as api:
        tell(api.add(valid(AddUser, {**asked, "password": asked_secret(secret_file, _what(name))})), output)


@app.command("list")
def list_users(output: OutputOption = None, config: ConfigOption = None) -> None:
    """Every user there is or was, with the role and when the password was changed last."""
    from syncd.cli.output import show

    with access(config) as api:
        rows = api.users()
    show(rows, output, columns=("name", "role", "created_at", "created_by", "changed_at", "disabled_at", "disabled_by"))


@app.command()
def passwd(
    name: Name,
    secret_file: SecretFile = None,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Give another password; whoever is signed in under this name is signed out."""
    from syncd.cli.output import tell
    from syncd.console.bodies import ChangePassword
    from syncd.flow.access import people

    with access(config) as api:
        people.require(api.database, name)
        asked = {"by": who(by), "password": asked_secret(secret_file, _what(name))}
        tell(api.change_password(name, valid(ChangePassword, asked)), output)


@app.command()
def disable(name: Name, by: By = None, output: OutputOption = None, config: ConfigOption = None) -> None:
    """From this moment on the person cannot sign in, and is signed out."""
    from syncd.cli.output import tell
    from syncd.console.bodies import DisableUser

    with access(config) as api:
        tell(api.disable(name, valid(DisableUser, {"by": who(by)})), output)


@app.command("link")
def first_link(by: By = None, output: OutputOption = None, config: ConfigOption = None) -> None:
    """Print a link for whoever is to be the first admin: it opens once, within 24 h. One printed before opens nothing any more."""
    from syncd.configuration import load
    from syncd.flow.access import first_admin

    from .existing import existing_database
    from .local import site_of
    from .output import show_one

    settings = load(config)
    with existing_database(settings) as db:
        made = first_admin.link(db, site_of(settings, db), by=who(by))
    if output is not None:
        show_one({"link": made.address, "until": made.until}, output)
        return
    say(made.address)
    say(f"Whoever opens it first is the admin; it is good until {made.until:%Y-%m-%d %H:%M} UTC.", err=True)


def _what(name: str) -> str:
    return f"password of {name}"
