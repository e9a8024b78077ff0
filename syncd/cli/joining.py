"""What commands that connect something share: what they set up with, and secrets from a file, the environment or a hidden prompt."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup

SECRET_VARIABLE = "SYNCD_SECRET"  # noqa: S105  the variable's name
_STDIN = Path("-")
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file", "--key-file", help=f"Read the secret from this file, not {SECRET_VARIABLE}; - is stdin."
    ),
]


@contextmanager
def joining(config: Path | None) -> Iterator[Setup]:
    from syncd.configuration import load
    from syncd.connections.joining.builtin import ensure_builtin
    from syncd.connections.joining.setup import Setup
    from syncd.connections.master_key import open_vault
    from syncd.wiring import site, tolls_of_a_command

    from .existing import existing_database

    settings = load(config)
    with existing_database(settings) as db, tolls_of_a_command(settings) as tolls:
        # A person's shell need not have the daemon's settings: whoever only looks in does not move the cases.
        ensure_builtin(db, site(settings), is_home=False)
        yield Setup(db, open_vault(settings, db), db.clock, settings.outgoing(), tolls)


def asked_secret(file: Path | None, what: str) -> str:
    """Never from the command line, where everybody on the machine can read it."""
    from syncd.errors import Misconfigured

    if file == _STDIN:
        return sys.stdin.read().strip()
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"{file} cannot be read ({error.strerror}); it should hold the {what}."
            raise Misconfigured(message) from error
        except UnicodeDecodeError:
            # Without its cause, which quotes what was read.
            message = f"{file} holds no text; it should hold the {what}."
            raise Misconfigured(message) from None
    if os.environ.get(SECRET_VARIABLE):
        return os.environ[SECRET_VARIABLE].strip()
    if sys.stdin.isatty():
        try:
            return str(typer.prompt(what, hide_input=True, err=True)).strip()
        except typer.Abort:  # Ctrl-C: nothing was found and nothing was done.
            raise typer.Exit(130) from None
    message = f"The {what} is missing; put it into {SECRET_VARIABLE} or a file named by --secret-file."
    raise Misconfigured(message)


def is_asked_for(file: Path | None) -> bool:
    """Nobody has given the secret yet: a person is asked for it, or told where to put it."""
    return file is None and not os.environ.get(SECRET_VARIABLE)


def mind(warnings: Sequence[str]) -> None:
    for warning in warnings:
        say(f"Mind: {warning}", err=True)
