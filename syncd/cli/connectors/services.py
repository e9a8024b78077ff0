"""`syncd connectors services`: which services of its account a connector may reach, and changing that."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.joining import joining
from syncd.cli.reach import OutputOption
from syncd.cli.who import By, who

from .group import connectors


@connectors.command()
def services(
    name: Annotated[str, typer.Argument(help="The connector; `syncd connectors list` shows them.")],
    add: Annotated[
        list[str] | None,
        typer.Option(
            help="A service of its account that it may reach besides, its id or its name; may be given again."
        ),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(help="One that it is to reach no more; never the default one. May be given again."),
    ] = None,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """The services a connector opens incidents on: the default one, and others that a case may ask for by `service`.

    What is open, or is being opened, stays where it is.
    """
    from syncd.cli.output import form_of, show
    from syncd.flow.orders.reaching import reach, reached

    form_of(output)
    with joining(config) as setup:
        it = reach(setup, name, add=add or (), remove=remove or (), by=who(by)) if add or remove else None
        it = it or reached(setup.db, name)
    default, *others = it.services
    rows = [{"id": default.id, "service": default.called, "default": True}]
    rows += [{"id": one.id, "service": one.called, "default": False} for one in others]
    show(rows, output)
