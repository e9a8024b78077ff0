"""The group itself. Each file beside it adds its own commands."""

from __future__ import annotations

import typer

connectors = typer.Typer(
    help="An integration aimed at one PagerDuty service.", no_args_is_help=True, rich_markup_mode=None
)
