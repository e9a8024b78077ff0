"""How commands speak in sentences. Much of what they say was written by others: an error of PagerDuty's, a case's title, a person's reason."""

from __future__ import annotations

import typer

from syncd.core.harmless import printable_lines


def say(text: str = "", *, err: bool = False) -> None:
    """A line, or several. Whatever would move the cursor, colour or turn around is a space."""
    typer.echo(printable_lines(text), err=err)  # noqa: TID251  this is the place
