"""`syncd deliveries stats` and `fields`: how many a query finds, and what can be asked for."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .querying import ViewOption, Words, asked_with, whole
from .reach import Json, OutputOption, ServerOption


def stats(
    query: Words = None,
    view: ViewOption = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Count by this field, like reason; give it again for more.")
    ] = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """How many there are, by the values of fields, and how long they took; of a week, unless the query names a time."""
    from .output import is_for_people, show, show_one
    from .reach import given
    from .where import reached

    for_people = is_for_people(output)  # Before anybody is asked.
    with reached(server, config) as reach:
        asked = given(q=asked_with(reach, view, whole(query)))
        counted = reach.audit.facets({**asked, **given(by=",".join(by) if by else None)})
        lag = reach.audit.lag(asked)
        bars = [] if for_people else reach.audit.histogram(asked)
    if not for_people:
        show_one({**counted, "lag": lag, "histogram": bars}, output)
        return
    rows = [
        {"field": name, "value": one["value"] or "none", "count": one["count"]}
        for name, values in counted["facets"].items()
        for one in values
    ]
    show(rows, output, columns=("field", "value", "count"))
    say(_said(counted, lag), err=True)


def _said(counted: Json, lag: Json) -> str:
    number = f"the newest {counted['counted']}, and there are more," if counted["is_capped"] else counted["counted"]
    took = (
        f"half took at most {lag['p50_ms']} ms, of a hundred 95 at most {lag['p95_ms']} ms and 99 at most {lag['p99_ms']} ms"
        if lag["counted"]
        else "none says how long it took"
    )
    return f"Counted: {number} for {counted['query']}; {took}."


def fields(output: OutputOption = None) -> None:
    """What can be asked for, with an example of each."""
    from syncd.console.v1.audit import fields as catalogue

    from .output import show

    show(catalogue(), output, columns=("name", "example", "says", "takes"))
