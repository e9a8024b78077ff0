"""Who does it: said, or the person at the keyboard."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer

_VARIABLE = "SYNCD_BY"
By = Annotated[str | None, typer.Option("--by", envvar=_VARIABLE, help="Who does it; you, when left out.")]


def who(by: str | None) -> str:
    """Also of commands that do not ask."""
    by = by if by is not None else os.environ.get(_VARIABLE) or None
    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container may run as a user without a name.
        return "somebody"
