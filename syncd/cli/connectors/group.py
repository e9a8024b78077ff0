"""The group itself. Each file beside it adds its own commands."""

from __future__ import annotations

import typer

connectors = typer.Typer(
    help="What cases are sent by: PagerDuty Incidents (both ways), or a service key.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
