"""`syncd links ...`: which case and which incident belong together."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.saying import say
from syncd.clock import Clock
from syncd.errors import Misconfigured, NotFound

from .daemon import ConfigOption
from .reach import Json, LimitOption, OutputOption, Reach, ServerOption, given
from .who import By, who

app = typer.Typer(help="Which case and which incident belong together.", no_args_is_help=True, rich_markup_mode=None)

Reference = Annotated[str, typer.Argument(help="Its id, a case's key, an incident's id or address.")]

_REPAIRS = (
    "id",
    "integration",
    "state",
    "why",
    "since",
    "asked_at",
    "ended_at",
    "requests",
    "records",
    "found",
    "detail",
)
_COLUMNS = (
    "id",
    "case_id",
    "incident_id",
    "state",
    "is_paused",
    "is_in_conflict",
    "connector",
    "integration",
    "created_at",
    "reason",
    "pause_reason",
    "no_address",
)


@app.command("list")
def list_links(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    case: Annotated[str | None, typer.Option(help="This case's.")] = None,
    incident: Annotated[str | None, typer.Option(help="This incident's.")] = None,
    state: Annotated[str | None, typer.Option(help="opening, open, failed or ended.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Only those that are paused.")] = False,
    before: Annotated[int | None, typer.Option(help="The id where the page before ended.")] = None,
    limit: LimitOption = 100,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Links, newest first."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    is_paused = "true" if paused else None
    query = given(case=case, incident=incident, state=state, paused=is_paused, before=before, limit=limit)
    with reached(server, config) as reach:
        show(reach.links(query), output, columns=_COLUMNS, listed="links")


@app.command("show")
def show_link(
    reference: Reference,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """One link, and what is known of both sides."""
    from .output import form_of, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        found = reach.links(given(about=reference))
    if not found:
        raise NotFound(f"No link is about {reference}; see `syncd links list`.")
    for link in found:
        show_one(link, output)


@app.command()
def pause(
    reference: Reference,
    why: Annotated[str, typer.Option(help="For whoever finds it paused.")] = "",
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Write nothing for it on either side until it is resumed: what changes is kept, in its order. Whoever was first stands."""
    _act(reference, "pause", {"by": who(by), "why": why}, (server, output, config))


@app.command()
def resume(
    reference: Reference,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Let it go on: what was kept goes out in its order."""
    _act(reference, "resume", {"by": who(by)}, (server, output, config))


@app.command()
def compare(
    reference: Reference,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Read both sides of a link now, and say where they differ. Changes nothing; exit 1 when they do differ."""
    from .output import form_of, is_for_people, named, show, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        told = reach.compare(_the_one(reach, reference)["id"])
    if not is_for_people(output):
        show_one(told, output)
    elif told["differences"]:
        show(named(told["differences"], output, "incident"), output, columns=("what", "case", "incident", "why"))
    waits = " Changes of it are still on their way or held." if told["is_on_its_way"] else ""
    if told["remedy"]:
        say(f"They differ.{waits} {told['remedy']}", err=True)
        raise typer.Exit(1)
    say(f"{_same(told)}{waits}", err=True)


def _same(told: Json) -> str:
    """What a policy keeps back is no difference that anybody misses, and is named all the same."""
    kept_back = told.get("kept_back")  # An older daemon elsewhere tells of none.
    if not kept_back:
        return "Both sides say the same."
    return f"Both sides say the same but for what the connector's policy or mapping keeps back: {'; '.join(kept_back)}."


@app.command()
def repair(
    since: Annotated[
        str | None,
        typer.Option(
            help="Since when changes may have been missed: 36h, 3d, or 2026-11-21T12:00Z; two years back at most."
        ),
    ] = None,
    integration: Annotated[str, typer.Option(help="Only this account; all of them, when left out.")] = "",
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read every record that is not over: finds notes that were edited or deleted."),
    ] = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Look for what changed and was never told, and bring both sides in step. Without --since: how the last ones went.

    `records` is how many had to be read, and `found` how many differences were in them.
    """
    from .output import form_of, show
    from .span import moment_of
    from .where import reached

    form_of(output)
    if since is None and (deep or integration):
        raise Misconfigured(
            "Name since when changes may have been missed, such as `--since 1d`; nothing was looked for."
        )
    with reached(server, config) as reach:
        if since is None:
            show(reach.repairs({}), output, columns=_REPAIRS, listed="repairs")
            return
        moment = moment_of(since, Clock().now())
        fields = {"since": moment.isoformat(), "integration": integration, "is_deep": deep, "by": who(by)}
        asked = reach.repair(fields)
    show(asked, output, columns=_REPAIRS)
    for one in asked:
        begins = datetime.fromisoformat(one["since"])
        if begins > moment:
            say(
                f"{one['integration']} is looked over from {begins:%Y-%m-%d %H:%M} UTC on, when it was added.", err=True
            )


def _act(reference: str, act: str, fields: dict[str, str], options: tuple[str | None, str | None, Path | None]) -> None:
    from .output import form_of, tell
    from .where import reached

    server, output, config = options
    form_of(output)
    with reached(server, config) as reach:
        answer = reach.act_on_link(_the_one(reach, reference)["id"], act, fields)
    tell(answer, output)


def _the_one(reach: Reach, reference: str) -> Json:
    found = reach.links(given(about=reference))
    if not found:
        raise NotFound(f"No link is about {reference}; see `syncd links list`.")
    if len(found) > 1:
        raise Misconfigured(f"{len(found)} links are about {reference}; name the one you mean by its id.")
    return found[0]
