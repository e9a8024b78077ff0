"""Who does it: said, or the person at the keyboard."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

By = Annotated[str | None, typer.Option("--by", envvar="SYNCD_BY", help="Who does it; you, when left out.")]


def who(by: str | None) -> str:
    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container may run as a user without a name.
        return "somebody"
