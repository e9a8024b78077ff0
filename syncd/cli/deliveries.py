"""`syncd deliveries ...`: every attempt, and every decision not to act."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

import sys
from typing import Annotated

import typer

from syncd.cli.saying import say
from syncd.core.reasons import Outcome
from syncd.errors import Misconfigured, NotFound

from .counting import fields, stats
from .daemon import ConfigOption
from .exporting import export
from .querying import Asking, ViewOption, Words, asked_with, whole
from .reach import Json, LimitOption, OutputOption, Reach, ServerOption, given
from .who import By, who

app = typer.Typer(help="Every attempt, and every decision not to act.", no_args_is_help=True, rich_markup_mode=None)
app.command(cls=Asking)(stats)
app.command()(fields)
app.command(cls=Asking)(export)

#: A terminal shows as many as it has room for.
_COLUMNS = (
    "id",
    "recorded_at",
    "change",
    "outcome",
    "reason",
    "case_id",
    "incident_id",
    "direction",
    "attempt",
    "http_status",
    "e2e_ms",
    "actor",
)


_MOST = 500
Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Of deliveries.")]
QueryOption = Annotated[
    str | None, typer.Option("--query", help="Those that `list` finds for it, like 'reason:refused age<24h'.")
]


@app.command("list", cls=Asking)
def list_deliveries(
    query: Words = None,
    view: ViewOption = None,
    case: Annotated[str | None, typer.Option(help="About this case.")] = None,
    incident: Annotated[str | None, typer.Option(help="About this incident.")] = None,
    link: Annotated[int | None, typer.Option(help="About this link.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="applied, suppressed, ignored, retrying, held, failed, ...")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="refused, in_step, echo, ...; docs/reasons.md has what each means.")
    ] = None,
    direction: Annotated[str | None, typer.Option(help="inbound (from PagerDuty) or outbound.")] = None,
    before: Annotated[int | None, typer.Option(help="The id where the page before ended.")] = None,
    limit: LimitOption = 100,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Deliveries, newest first, each with the sentence that says why. An option is a term of the query, and all must hold."""
    from .output import is_for_people, show
    from .where import reached

    is_for_people(output)  # Before anybody is asked.
    asked = given(
        case=case,
        incident=incident,
        link=link,
        outcome=outcome,
        reason=reason,
        direction=direction,
        before=before,
        limit=limit,
    )
    with reached(server, config) as reach:
        rows = reach.deliveries({**given(q=asked_with(reach, view, whole(query))), **asked})
    shown = [_brief(row) for row in rows] if is_for_people(output) else rows
    show(shown, output, columns=_COLUMNS, below="detail", listed="deliveries")


def _brief(row: Json) -> Json:
    """Of what was done nobody has to be told why."""
    return {**row, "detail": ""} if row["outcome"] == Outcome.APPLIED else row


@app.command()
def replay(
    ids: Ids = None,
    query: QueryOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send it; without this you are shown what would be sent.")] = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Decide deliveries anew, from what both sides say today. A second time is no harm."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        fields = {"ids": _chosen(reach, ids, query), "by": who(by)}
        if not yes:
            plan = reach.replay({**fields, "dry_run": True})
            show(plan, output)
            going = sum(one["is_going"] for one in plan)
            if not (going and _agreed(f"Send {going} of them?")):
                say("Nothing was sent." + (" Add --yes to send it." if going else ""), err=True)
                return
        show(reach.replay(fields), output)


@app.command()
def park(
    why: Annotated[str, typer.Option(help="For whoever asks later.")],
    ids: Ids = None,
    query: QueryOption = None,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Put changes aside that were refused, or that will come to nothing; a replay takes them up again."""
    from .output import form_of, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        parked = reach.park({"ids": _chosen(reach, ids, query), "by": who(by), "why": why})
    if not parked["parked"]:
        say("Nothing was parked: it had been dealt with before.", err=True)
    show_one(parked, output)


def _chosen(reach: Reach, ids: list[int] | None, query: str | None) -> list[int]:
    if bool(ids) == (query is not None):
        raise Misconfigured("Name deliveries by their ids, or choose them by --query, like --query 'outcome:failed'.")
    if query is None:
        return list(ids or ())
    if not query.strip():
        raise Misconfigured("--query is empty; give it a term, like outcome:failed.")
    found = reach.deliveries({"q": query, "limit": str(_MOST)})
    if not found:
        raise NotFound(f"No delivery matches {query}; see `syncd deliveries list`.")
    if len(found) == _MOST:
        say(f"These are the newest {_MOST}; when they are done, run it again for the rest.", err=True)
    return [one["id"] for one in found]


def _agreed(question: str) -> bool:
    return sys.stdin.isatty() and typer.confirm(question, err=True)


@app.command("show")
def show_delivery(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its id.")],
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """One delivery, with its request and response."""
    from .output import form_of, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        show_one(reach.delivery(number), output)
