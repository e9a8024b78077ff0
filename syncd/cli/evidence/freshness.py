"""`syncd evidence status`: how recent what was collected is, dataset by dataset, and what became of each time it was due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption

from .group import Name, evidence

if TYPE_CHECKING:
    from syncd.evidence.freshness import DueCollection, Freshness

_COLUMNS = ("dataset", "state", "collected_at", "next_at", "requests")


@evidence.command()
def status(
    name: Name = "",
    due: Annotated[
        str, typer.Option(metavar="AGO", help="Each time since then that a dataset was due: done, late or missing.")
    ] = "",
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """What was collected of an account, when, and when it is due again; what could not be read, and what that takes."""
    from syncd.cli.existing import existing_database
    from syncd.cli.output import form_of, show
    from syncd.cli.span import moment_of
    from syncd.configuration import load
    from syncd.evidence.fresh import due_of, freshness_of
    from syncd.evidence.spans import Span

    from .account import chosen

    form_of(output)
    if server:
        _show_far(server, name, due, output)
        return
    with existing_database(load(config)) as db:
        slug = chosen(db, name)
        with db.read() as tx:
            now = db.now(tx)
            if due:
                rows = [_due(one) for one in due_of(tx, slug, Span(moment_of(due, now), now), now)]
            else:
                rows = [_told(one) for one in freshness_of(tx, slug, now)]
    if due:
        show(rows, output)
    else:
        _show(rows, output)


def _show(rows: list[dict[str, Any]], output: str | None) -> None:
    """For people both sentences are one."""
    from syncd.cli.output import is_for_people, show

    if is_for_people(output):
        rows = [{**one, "why": " ".join(filter(None, (one["why"], one["unfinished"])))} for one in rows]
    show(rows, output, columns=_COLUMNS, below="why")


def _show_far(server: str, name: str, due: str, output: str | None) -> None:
    from syncd.cli.output import show

    from .elsewhere import since_then, there, told

    with there(server) as far:
        found = far.status(name, since_then(due) if due else "1d")
    if due:
        show(found["collections"], output)
    else:
        _show([told(one) for one in found["datasets"]], output)


def _told(one: Freshness) -> dict[str, Any]:
    return {
        "dataset": one.dataset,
        "state": one.state,
        "collected_at": one.collected_at,
        "next_at": one.next_at,
        "every_hours": one.every.total_seconds() / 3600,
        "known_since": one.known_since,
        "requests": one.requests,
        "why": one.why,
        "unfinished_since": one.unfinished_since,
        "unfinished": one.unfinished,
    }


def _due(one: DueCollection) -> dict[str, Any]:
    return {"dataset": one.dataset, "due_at": one.due_at, "state": one.state, "ended_at": one.ended_at}
