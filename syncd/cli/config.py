"""`syncd config ...`: whether the settings are in order, and where each came from."""

from __future__ import annotations

import os

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .reach import OutputOption

app = typer.Typer(help="The settings, and where each came from.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def check(config: ConfigOption = None) -> None:
    """Read every setting, ask the database and Redis, and make each channel of notices. Exit 1 on a finding, 2 on a fault, 3 when one does not answer."""
    from syncd.configuration import load

    from .config_check import answers, strangers
    from .leaving import exit_code

    settings = load(config)
    found, asked = list(strangers(os.environ)), list(answers(settings))
    for one in found:
        say(f"! {one}")
    for each in asked:
        say(f"{each.what:<9} {'failed' if each.fault else 'ok':<7} {each.words}")
    if faults := [exit_code(each.fault) for each in asked if each.fault]:
        raise typer.Exit(min(faults))  # An address that is none has to be mended before one that is away.
    if found:
        raise typer.Exit(1)
    say("The settings are in order.")


@app.command()
def show(config: ConfigOption = None, output: OutputOption = None) -> None:
    """Every setting with its value and its origin. Secrets are not shown."""
    from syncd.configuration import load

    from .output import show as show_rows

    settings = load(config)
    origins = settings.origins()
    shown = settings.shown()
    show_rows([{"setting": name, "value": shown[name], "origin": origins[name]} for name in shown], output)
