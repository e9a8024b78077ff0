"""`syncd links ...`: which case and which incident belong together."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.errors import NotFound

from .daemon import ConfigOption
from .reach import LimitOption, OutputOption, ServerOption, given

app = typer.Typer(help="Which case and which incident belong together.", no_args_is_help=True, rich_markup_mode=None)

_COLUMNS = ("id", "case_id", "incident_id", "state", "is_paused", "connector", "integration", "created_at", "reason")


@app.command("list")
def list_links(
    case: Annotated[str | None, typer.Option(help="This case's.")] = None,
    incident: Annotated[str | None, typer.Option(help="This incident's.")] = None,
    state: Annotated[str | None, typer.Option(help="opening, open, failed or ended.")] = None,
    limit: LimitOption = 100,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Links, newest first."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        show(reach.links(given(case=case, incident=incident, state=state, limit=limit)), output, columns=_COLUMNS)


@app.command("show")
def show_link(
    reference: Annotated[str, typer.Argument(help="Its id, a case's key, an incident's id or address.")],
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """One link, and what is known of both sides."""
    from .output import form_of, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        found = reach.links(given(about=reference))
    if not found:
        raise NotFound(f"No link is about {reference}; see `syncd links list`.")
    for link in found:
        show_one(link, output)
