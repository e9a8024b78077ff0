"""`syncd restored`: said once after a backup was put in the database's place, and before any part is started on it; and what
has lost its case by it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .reach import OutputOption
from .who import By, who

_TO_DO = (
    "No case here belongs to these, and nothing is written to them any more. Where the trouble is over, resolve the incident in "
    "PagerDuty; where it goes on, open another case by `syncd cases open`, which gets an incident of its own, and resolve this one. "
    "What was said on the case stands in the incident's notes. Where another syncd opens incidents on the same service, "
    "leave alone those that it knows: `syncd links show INCIDENT` there."
)


def restored(
    made: Annotated[
        str | None,
        typer.Option("--made", help="When the backup was made, such as 2h or 2026-11-21T12:00Z; else it tells itself."),
    ] = None,
    lost: Annotated[
        bool,
        typer.Option("--lost", help="Only list open incidents whose cases are lost, and say what to do about them."),
    ] = False,
    by: By = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Say that a backup was restored: then everything looks before it writes, and what has changed since is read first.

    Built-in cases that were opened since are lost with the database, and their incidents stand open. When all is read, --lost
    lists those and changes nothing.
    """
    if lost:
        _list_lost(output, config)
        return
    import time

    from syncd.clock import Clock
    from syncd.configuration import load
    from syncd.flow.catchup import restoring
    from syncd.flow.catchup.still_running import require_stopped

    from .existing import existing_database
    from .span import moment_of

    since = moment_of(made, Clock().now()) if made else None
    with existing_database(load(config)) as db:
        require_stopped(db, time.sleep)
        say(restoring.restored(db, by=who(by), since=since).told)


def _list_lost(output: str | None, config: Path | None) -> None:
    from dataclasses import asdict

    from syncd.clock import Clock
    from syncd.configuration import load
    from syncd.connections.master_key import open_vault
    from syncd.connections.open import Connections
    from syncd.flow.catchup.lost import lost

    from .existing import existing_database
    from .output import form_of, is_for_people, show

    form_of(output)
    settings = load(config)
    with existing_database(settings) as db:
        found = lost(db, Connections(db, open_vault(settings, db), Clock(), outgoing=settings.outgoing()), Clock())
    if not found:
        say("No incident that stands open has lost its case.", err=True)
        if is_for_people(output):
            return
    show([asdict(one) for one in found], output, columns=("integration", "incident_id", "status", "title", "url"))
    if found:
        say(_TO_DO, err=True)
