"""`syncd cases ...`: the built-in cases, here or on a daemon elsewhere."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say
from syncd.errors import Misconfigured, SyncdError

from .daemon import ConfigOption
from .reach import Json, LimitOption, OutputOption, ServerOption, given
from .who import By, who

if TYPE_CHECKING:
    from .reach import Reach

app = typer.Typer(help="The built-in cases.", no_args_is_help=True, rich_markup_mode=None)

_COLUMNS = ("key", "status", "priority", "title", "connector", "updated_at", "incident_url")

MOST_OF_A_KEY = 255
_NO_CONNECTOR = (
    "No connector takes it, so no incident is opened: name one by --connector (`syncd connectors list`), or make the "
    "first one by `syncd connectors add`."
)

Key = Annotated[str, typer.Argument(help="The case's key, like CS-1042.")]
Text = Annotated[str, typer.Argument(help="The words; - reads them from standard input.")]


@app.command("open")
def open_case(
    title: Annotated[str, typer.Argument(help="What is wrong, in one line.")],
    body: Annotated[str, typer.Option(help="More words; - reads them from standard input.")] = "",
    priority: Annotated[str, typer.Option(help="P1 to P5.")] = "P3",
    connector: Annotated[str, typer.Option(help="Where its incident is opened; the default one when left out.")] = "",
    service: Annotated[
        str, typer.Option(help="Which of the connector's services, its id or its name; the default one when left out.")
    ] = "",
    source: Annotated[str, typer.Option(help="What has raised it, for rules to look at.")] = "",
    team: Annotated[str, typer.Option(help="Whose it is, likewise.")] = "",
    label: Annotated[list[str] | None, typer.Option(help="A label, likewise; may be given again.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="Said again, it opens no second case.")] = None,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Open a case."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    if idempotency_key is not None and not 0 < len(idempotency_key) <= MOST_OF_A_KEY:
        raise Misconfigured(f"An --idempotency-key has 1 to {MOST_OF_A_KEY} characters; leave it out for a new case.")
    fields: Json = {"title": title, "body": _words(body), "priority": priority, "connector": connector, "by": who(by)}
    fields |= {"source": source, "team": team, "labels": label or [], "service": service}
    with reached(server, config) as reach:
        case, is_new = reach.open_case(fields, idempotency_key)
        way = reach.routing.explain({"case": case["key"]}) if is_new and not case["connector"] else None
        about_service = _about_service(reach, case["key"]) if is_new and case["connector"] and service else ""
    say(f"{case['key']} is open." if is_new else f"{case['key']} was opened by this key before.", err=True)
    if way is not None:
        say(way["says"] if way["rules"] else _NO_CONNECTOR, err=True)
    if about_service:
        say(about_service, err=True)
    show([case], output, columns=_COLUMNS)


def _about_service(reach: Reach, key: str) -> str:
    """Why it is another than the one asked for. The case is open already, whoever may not ask this."""
    try:
        return str(reach.routing.explain({"case": key})["remark"])
    except SyncdError as error:
        return f"Whether its connector reaches that service cannot be told here: {error} The row of its opening says."


@app.command("list")
def list_cases(
    status: Annotated[str | None, typer.Option(help="open, acknowledged, resolved or closed.")] = None,
    priority: Annotated[str | None, typer.Option(help="P1 to P5.")] = None,
    connector: Annotated[str | None, typer.Option(help="Those sent to this one.")] = None,
    before: Annotated[str | None, typer.Option(help="The key where the page before ended.")] = None,
    limit: LimitOption = 100,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Cases, newest first."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    query = given(status=status, priority=priority, connector=connector, before=before, limit=limit)
    with reached(server, config) as reach:
        show(reach.cases(query), output, columns=_COLUMNS, listed="cases")


@app.command("show")
def show_case(key: Key, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None) -> None:
    """One case with its timeline."""
    from .output import form_of, is_for_people, show, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        case = reach.case(key)
    if not is_for_people(output):
        show_one(case, output)
        return
    show_one({name: value for name, value in case.items() if name not in {"timeline", "comments"}}, output)
    say()
    show(case["timeline"], output, columns=("id", "at", "kind", "value", "by", "via", "text"))


@app.command()
def acknowledge(
    key: Key, by: By = None, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Say that somebody looks after it."""
    _act(key, "acknowledge", {"by": who(by)}, (server, output, config))


@app.command()
def resolve(
    key: Key,
    note: Annotated[str, typer.Option(help="What it was; - reads it from standard input.")] = "",
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Say that it is over, and what it was."""
    _act(key, "resolve", {"by": who(by), "note": _words(note)}, (server, output, config))


@app.command()
def priority(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="P1..P5", help="P1 to P5.")],
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Set how urgent it is."""
    _act(key, "priority", {"by": who(by), "priority": value}, (server, output, config))


@app.command()
def comment(
    key: Key,
    text: Text,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a comment."""
    _act(key, "comments", {"by": who(by), "text": _words(text)}, (server, output, config))


@app.command("resolution-note")
def resolution_note(
    key: Key,
    text: Text,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Set the resolution note."""
    _act(key, "resolution-note", {"by": who(by), "text": _words(text)}, (server, output, config))


@app.command()
def close(
    key: Key, by: By = None, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Close it: its status and fields stay as they are from then on."""
    _act(key, "close", {"by": who(by)}, (server, output, config))


@app.command()
def reopen(
    key: Key, by: By = None, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Open it again."""
    _act(key, "reopen", {"by": who(by)}, (server, output, config))


def _act(key: str, act: str, fields: Json, where: tuple[ServerOption, OutputOption, ConfigOption]) -> None:
    from .output import form_of, show
    from .where import reached

    server, output, config = where
    form_of(output)
    with reached(server, config) as reach:
        shown = reach.act(key, act, fields)
    if shown.get("changed") is False:
        say(f"{shown['key']} was so already.", err=True)
    show([shown], output, columns=_COLUMNS if "key" in shown else ("id", "at", "author", "text"))


def _words(text: str) -> str:
    return sys.stdin.read().rstrip("\n") if text == "-" else text
