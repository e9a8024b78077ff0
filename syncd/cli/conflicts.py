"""`syncd conflicts ...`: fields that both sides changed at once, and what a person decides about them."""

from __future__ import annotations

from typing import Annotated

import typer

from .daemon import ConfigOption
from .reach import LimitOption, OutputOption, ServerOption, given
from .who import By, who

app = typer.Typer(
    help="Fields that both sides changed at once and that wait for a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_COLUMNS = ("link", "case_id", "incident_id", "field", "case", "case_by", "incident", "incident_by", "since")


@app.command("list")
def list_conflicts(
    limit: LimitOption = 100,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """What each side says, who said it, and since when it waits. Neither is written meanwhile."""
    from .output import form_of, named, show
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        found = reach.conflicts(given(limit=limit))
    show(named(found, output, "incident"), output, columns=_COLUMNS)


@app.command()
def resolve(
    link: Annotated[int, typer.Argument(help="The link's id.")],
    field: Annotated[str, typer.Argument(help="priority or resolution_note.")],
    to: Annotated[str, typer.Option("--to", help="Whose value stands: case or pagerduty.")],
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide: what the chosen side says is written to the other."""
    from .output import form_of, show_one
    from .where import reached

    form_of(output)
    fields = {"link": link, "field": field, "to": to, "by": who(by)}
    with reached(server, config) as reach:
        show_one(reach.resolve_conflict(fields), output)
