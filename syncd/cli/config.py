"""`syncd config ...`: whether the settings are in order, and where each came from."""

from __future__ import annotations

import typer

from .daemon import ConfigOption
from .reach import OutputOption

app = typer.Typer(help="The settings, and where each came from.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def check(config: ConfigOption = None) -> None:
    """Read every place a setting may stand, and say every fault. Exit 2 when there is one."""
    from syncd.settings import load

    load(config)
    typer.echo("The settings are in order.")


@app.command()
def show(config: ConfigOption = None, output: OutputOption = None) -> None:
    """Every setting with its value and its origin. Secrets are not shown."""
    from syncd.settings import load

    from .output import show as show_rows

    settings = load(config)
    origins = settings.origins()
    shown = settings.shown()
    show_rows([{"setting": name, "value": shown[name], "origin": origins[name]} for name in shown], output)
