"""The group itself, and whom its commands are about. Each file beside it adds its own."""

from __future__ import annotations

from typing import Annotated

import typer

integrations = typer.Typer(
    help="Accounts: PagerDuty ones and case systems.", no_args_is_help=True, rich_markup_mode=None
)

NewName = Annotated[str, typer.Argument(help="Its name, part of its webhook address: small letters, digits, hyphens.")]
Name = Annotated[str, typer.Argument(help="The account; `syncd integrations list` shows them.")]
