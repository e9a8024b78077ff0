"""`syncd views ...`: queries of deliveries that are kept by a name, and choosing by one."""

from __future__ import annotations

from typing import Annotated

import typer

from .daemon import ConfigOption
from .querying import Asking, Words, whole
from .reach import OutputOption, ServerOption
from .who import By, who

app = typer.Typer(help="Queries of deliveries that are kept by a name.", no_args_is_help=True, rich_markup_mode=None)
Named = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and hyphens.")]
Everybody = Annotated[bool, typer.Option("--everybody", help="Everybody's, instead of your own.")]


@app.command("list")
def list_views(
    by: By = None, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Your own, and everybody's; one that this release does not understand says why."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        rows = reach.audit.views(who(by))
    show(rows, output, columns=("name", "everybody", "q", "saved_by", "saved_at", "problem"), listed="views")


@app.command(cls=Asking)
def save(
    name: Named,
    query: Words = None,
    everybody: Everybody = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Keep a query by a name, in place of one of that name."""
    from .output import form_of, tell
    from .where import reached

    form_of(output)
    fields = {"name": name, "q": whole(query) or "", "everybody": everybody, "by": who(by)}
    with reached(server, config) as reach:
        tell(reach.audit.save_view(fields), output)


@app.command()
def remove(
    name: Named,
    everybody: Everybody = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Forget one."""
    from .output import form_of, tell
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        tell(reach.audit.remove_view(name, {"everybody": everybody, "by": who(by)}), output)
