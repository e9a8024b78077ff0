"""`syncd deliveries ...`: every attempt, and every decision not to act."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

from typing import Annotated

import typer

from .daemon import ConfigOption
from .reach import LimitOption, OutputOption, ServerOption, given

app = typer.Typer(help="Every attempt, and every decision not to act.", no_args_is_help=True, rich_markup_mode=None)

_COLUMNS = (
    "id",
    "recorded_at",
    "direction",
    "change",
    "outcome",
    "reason",
    "attempt",
    "case_id",
    "incident_id",
    "http_status",
    "e2e_ms",
    "actor",
)


@app.command("list")
def list_deliveries(
    case: Annotated[str | None, typer.Option(help="About this case.")] = None,
    incident: Annotated[str | None, typer.Option(help="About this incident.")] = None,
    link: Annotated[int | None, typer.Option(help="About this link.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="applied, suppressed, ignored, retrying, held, failed, ...")
    ] = None,
    direction: Annotated[str | None, typer.Option(help="inbound (from PagerDuty) or outbound.")] = None,
    before: Annotated[int | None, typer.Option(help="The id where the page before ended.")] = None,
    limit: LimitOption = 100,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Deliveries, newest first."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    query = given(
        case=case, incident=incident, link=link, outcome=outcome, direction=direction, before=before, limit=limit
    )
    with reached(server, config) as reach:
        show(reach.deliveries(query), output, columns=_COLUMNS)


@app.command("show")
def show_delivery(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its id.")],
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """One delivery, with its request and response."""
    from .output import form_of, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        show_one(reach.delivery(number), output)
