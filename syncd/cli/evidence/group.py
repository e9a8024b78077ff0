"""The group itself. Each file beside it adds its own."""

from __future__ import annotations

from typing import Annotated

import typer

evidence = typer.Typer(
    help="Is the incident response programme ready, and can it be proven?", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="The PagerDuty account; may be left out where there is only one.")]
Account = Annotated[str, typer.Option("--integration", help="The PagerDuty account, where there are several.")]
