"""`syncd integrations pause`, `resume`, `observe` and `two-way`: a person holds an account back, and lets it go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import Json, OutputOption, ServerOption
from syncd.cli.who import By, who

from .group import Name, integrations


@integrations.command()
def pause(
    name: Name,
    why: Annotated[str, typer.Option(help="For whoever finds it paused.")],
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Write nothing for this account's links until it is resumed, neither there nor on their other side.

    Hooks are still taken and every change is kept: `resume` sends them in their order. Nothing is read there meanwhile either,
    but for its webhook subscriptions, so that hooks go on coming. Of two who pause it the first stands.
    """
    _act(name, "pause", {"by": who(by), "why": why}, (server, output, config))


@integrations.command()
def resume(
    name: Name,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Let it go on: what was kept goes out in its order."""
    _act(name, "resume", {"by": who(by)}, (server, output, config))


@integrations.command()
def observe(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Write to it again.")] = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Only read it and plan: what would be written is shown by `syncd deliveries list --outcome ignored`."""
    _act(name, "observe", {"by": who(by), "off": off}, (server, output, config))


@integrations.command("two-way")
def two_way(
    name: Name,
    switch: Annotated[str, typer.Argument(metavar="on|off", help="Whether what happens there changes cases too.")],
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Switch two-way sync of an account. While it is off its incidents are still opened and updated, and change no case."""
    from syncd.errors import Misconfigured

    if switch not in {"on", "off"}:
        message = f"{switch} is no position of this switch; it is on or off."
        raise Misconfigured(message)
    _act(name, "two-way", {"by": who(by), "on": switch == "on"}, (server, output, config))


def _act(name: str, act: str, fields: Json, options: tuple[str | None, str | None, Path | None]) -> None:
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    server, output, config = options
    form_of(output)
    with reached(server, config) as reach:
        answer = reach.act_on_integration(name, act, fields)
    tell(answer, output)
