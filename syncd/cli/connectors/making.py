"""`syncd connectors add` and `list`."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining, mind

from .group import connectors


@connectors.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The connector's name.")],
    integration: Annotated[str, typer.Option(help="The PagerDuty account.")],
    service: Annotated[str, typer.Option(help="The service incidents are opened on: its id or its name.")],
    cases: Annotated[str, typer.Option(help="The case system.")] = "cases",
    priority: Annotated[
        list[str] | None, typer.Option(help="P1=NAME; proposed from PagerDuty's own when left out.")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE: unacknowledged, case_reopened, priority, resolution_note, note_edits, title, body."
        ),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Make a connector, with the priorities of both sides matched."""
    from syncd.connections.joining.connectors import add_connector

    with joining(config) as setup:
        made = add_connector(
            setup,
            name,
            integration=integration,
            service=service,
            case_system=cases,
            priorities=priority or (),
            policy=dict(one.partition("=")[::2] for one in policy or ()),
        )
    for pair in made.connector.priorities:
        typer.echo(f"{pair['case']} = {pair['name'] or pair['incident']}")
    if made.warning:
        mind([made.warning])
    elif unmapped := [*made.unmapped, *(f"PagerDuty's {one}" for one in made.unheard)]:
        mind([f"Not mapped: {', '.join(unmapped)}; such a priority is recorded and not sent."])
    typer.echo(f"{made.connector.name} opens incidents on {made.connector.service_name} for {cases}.")


@connectors.command("list")
def list_connectors(
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """Every connector, with its badge."""
    from syncd.cli.output import show
    from syncd.store import integrations as store

    with joining(config) as setup, setup.db.read() as tx:
        rows = [
            {
                "name": one.name,
                "path": "Bi-directional" if one.path == "bidirectional" else "Service key",
                "integration": one.integration,
                "service": one.service_name or one.service_id,
                "cases": one.case_system,
                "priorities": " ".join(f"{pair['case']}={pair['name'] or pair['incident']}" for pair in one.priorities),
            }
            for one in store.all_connectors(tx).values()
        ]
    show(rows, output)
