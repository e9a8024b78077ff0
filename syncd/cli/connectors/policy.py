"""`syncd connectors policy`: what a connector does where a team may choose, and how that is changed later."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption
from syncd.cli.who import By, who

from .group import connectors

Choices = Annotated[
    list[str] | None,
    typer.Argument(
        help="unacknowledged, case_reopened, priority, resolution_note, note_edits, title or body: NAME=VALUE chooses, NAME alone is "
        "shown; without any, all in force are shown."
    ),
]


@connectors.command()
def policy(
    name: Annotated[str, typer.Argument(help="The connector; `syncd connectors list` shows them.")],
    choices: Choices = None,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what a connector does where you may choose, or choose anew: the next change is decided by it."""
    from syncd.cli.output import form_of, show
    from syncd.connections.policies import POLICIES, TEMPLATES
    from syncd.errors import NotFound

    form_of(output)
    wanted = dict(one.partition("=")[::2] for one in choices or () if "=" in one)
    asked = [one for one in choices or () if "=" not in one]
    for word in asked:
        if word not in {*POLICIES, *TEMPLATES}:
            raise NotFound(f"There is no policy called {word}; there are {', '.join([*POLICIES, *TEMPLATES])}.")
    in_force = _chosen(config, name, wanted, who(by))
    chosen = {word: value for word, value in in_force.items() if not asked or word in {*asked, *wanted}}
    rows = [
        {"policy": word, "value": value, "allowed": ", ".join(POLICIES.get(word, ("a template",)))}
        for word, value in chosen.items()
    ]
    show(rows, output)


def _chosen(config: Path | None, name: str, wanted: dict[str, str], by: str) -> dict[str, str]:
    from syncd.cli.existing import existing_database
    from syncd.configuration import load
    from syncd.flow.orders.choosing import choose

    with existing_database(load(config)) as db:
        return dict(choose(db, name, wanted, by=by))
