"""`syncd restored`: said once after a backup was put in the database's place, and before any part is started on it."""

from __future__ import annotations

from typing import Annotated

import typer

from .daemon import ConfigOption
from .who import By, who


def restored(
    made: Annotated[
        str | None,
        typer.Option("--made", help="When the backup was made, such as 2h or 2026-11-21T12:00Z; else it tells itself."),
    ] = None,
    by: By = None,
    config: ConfigOption = None,
) -> None:
    """Say that a backup was restored: then everything looks before it writes, and what has changed since is read first."""
    from syncd.clock import Clock
    from syncd.flow.catchup import restoring
    from syncd.settings import load

    from .existing import existing_database
    from .span import moment_of

    since = moment_of(made, Clock().now()) if made else None
    with existing_database(load(config)) as db:
        typer.echo(restoring.restored(db, by=who(by), since=since).told)
