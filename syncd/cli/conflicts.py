"""`syncd conflicts ...`: fields that both sides changed at once, and what a person decides about them."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.errors import Misconfigured, NotFound

from .daemon import ConfigOption
from .reach import LimitOption, OutputOption, Reach, ServerOption, given
from .who import By, who

app = typer.Typer(
    help="Fields that both sides changed at once and that wait for a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_MOST = 500  # that can be asked for at once
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
    show(named(found, output, "incident"), output, columns=_COLUMNS, listed="conflicts")


@app.command()
def resolve(
    link: Annotated[str, typer.Argument(help="The link's id, a case key, or an incident's id or address.")],
    to: Annotated[str, typer.Option("--to", help="Whose value stands: case or pagerduty.")],
    field: Annotated[str, typer.Argument(help="priority or resolution_note, where both are in conflict.")] = "",
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide: what the chosen side says is written to the other."""
    from .output import form_of, tell
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        number, name = _meant(reach, link, field)
        tell(reach.resolve_conflict({"link": number, "field": name, "to": to, "by": who(by)}), output)


def _meant(reach: Reach, reference: str, field: str) -> tuple[int, str]:
    """What is named in full is left to who decides it."""
    if field and reference.isdecimal():
        return int(reference), field
    about = {one["id"] for one in reach.links(given(about=reference))}
    open_ones = [one for one in reach.conflicts(given(limit=_MOST)) if one["link"] in about]
    found = [one for one in open_ones if field in {"", one["field"]}]
    if not found:
        raise NotFound(
            f"No conflict is about {' '.join(filter(None, [reference, field]))}; `syncd conflicts list` has those that are left, and who decided one that is gone says `syncd deliveries list`."
        )
    if len(found) > 1:
        which = ", ".join(f"`{one['link']} {one['field']}`" for one in found)
        raise Misconfigured(f"{len(found)} conflicts are about {reference}; name one of them: {which}.")
    return found[0]["link"], found[0]["field"]
