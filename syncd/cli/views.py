"""`syncd views ...`: queries of deliveries that are kept by a name, and choosing by one."""

from __future__ import annotations

from typing import Annotated

import typer

from .counting import Words, whole
from .daemon import ConfigOption
from .reach import OutputOption, Reach, ServerOption
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
    show(rows, output, columns=("name", "everybody", "q", "saved_by", "saved_at", "problem"))


@app.command()
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


def asked_with(reach: Reach, view: str | None, query: str | None) -> str | None:
    """Both have to hold; one's own view goes before everybody's of the same name."""
    if view is None:
        return query
    from syncd.flow.views import chosen

    found = chosen(((one["name"], one["q"], one["problem"]) for one in reach.audit.views(who(None))), view)
    return f"{found} {query}" if query else found
