"""`syncd db ...`: the database's schema."""

from __future__ import annotations

import typer

from .daemon import db_upgrade

app = typer.Typer(help="The database's schema.", no_args_is_help=True, rich_markup_mode=None)
app.command("upgrade")(db_upgrade)
