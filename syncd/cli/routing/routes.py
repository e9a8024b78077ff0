"""`syncd routes ...`: the rules, of which the first that matches sends a case to a connector."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption, given
from syncd.cli.saying import say
from syncd.cli.who import By, who

from .group import Case, Replace, System, said

routes = typer.Typer(
    help="The rules by which cases reach connectors, in their order.", no_args_is_help=True, rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(help="The rule's name; `syncd routes list` shows them.")]
Wanted = list[str] | None
_ONE_OF = "may be given again: one of them has to match, * stands for anything, an empty one for a field that is empty."
_TRAITS = ("source", "priority", "team", "labels", "title")
_COLUMNS = ("place", "name", *_TRAITS, "connector", "preset")


@routes.command("list")
def list_routes(server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None) -> None:
    """Every rule, in its order. What a rule leaves open is empty; without any rule a case goes to the only connector."""
    from syncd.cli.output import form_of, is_for_people, show
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        found = reach.routing.rules()
    if is_for_people(output):
        found = [{**one, **{it: ", ".join(one[it]) for it in _TRAITS if it in one}} for one in found]
    show(found, output, columns=_COLUMNS, listed="routes")


@routes.command()
def add(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    name: Annotated[str, typer.Argument(help="The rule's name.")],
    connector: Annotated[str, typer.Option(help="Where the cases go; `syncd connectors list` shows them.")],
    preset: Annotated[str | None, typer.Option(help="What the incident looks like; the shipped one else.")] = None,
    source: Annotated[Wanted, typer.Option(help=f"What raised the case; {_ONE_OF}")] = None,
    priority: Annotated[Wanted, typer.Option(help="P1 to P5, likewise.")] = None,
    team: Annotated[Wanted, typer.Option(help="The team, likewise.")] = None,
    label: Annotated[Wanted, typer.Option(help="Any of the labels, likewise.")] = None,
    title: Annotated[Wanted, typer.Option(help="The title, likewise, as in '*checkout*'.")] = None,
    at: Annotated[int | None, typer.Option(help="Its place, counted from 1; the last one when left out.")] = None,
    replace: Replace = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a rule: a case that has all of this, and that no rule before it takes, goes to the connector."""
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    form_of(output)
    wants = {"source": source, "priority": priority, "team": team, "labels": label, "title": title}
    fields = said(name=name, connector=connector, preset=preset, at=at, **wants)
    with reached(server, config) as reach:
        tell(reach.routing.add_rule({**fields, "replace": replace, "by": who(by)}), output)


@routes.command()
def move(
    name: Name,
    to: Annotated[int, typer.Option("--to", help="The place, counted from 1.")],
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Put a rule to another place in the order."""
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        tell(reach.routing.act_on_rule(name, "move", {"to": to, "by": who(by)}), output)


@routes.command()
def remove(
    name: Name, by: By = None, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Remove a rule. Cases that were opened by it stay as they are."""
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        tell(reach.routing.act_on_rule(name, "remove", {"by": who(by)}), output)


@routes.command()
def explain(
    case: Case,
    system: System = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """What every rule makes of a case and why, and where it goes by the rules of now. Exit 1 when it goes nowhere."""
    from syncd.cli.output import form_of, is_for_people, show, show_one
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        told = reach.routing.explain(given(case=case, system=system))
    if not is_for_people(output):
        show_one(told, output)
    else:
        rows = [{**one, "": ">" if one["decides"] else "", "matches": _word(one["matches"])} for one in told["rules"]]
        show(rows, output, columns=("", "place", "rule", "matches", "connector", "preset"), below="why")
        say(told["says"])
    if told["connector"] is None:
        raise typer.Exit(1)


@routes.command("import")
def take_over(
    file: Annotated[str, typer.Argument(help="A TOML file as `export` writes it; - reads standard input.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what would change, and every fault.")] = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Make the rules and presets those of a file, and no others: all of it, or nothing when any line has a fault."""
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    form_of(output)
    text = _read(file)
    fields = {"file": "stdin" if file == "-" else file[-255:], "text": text, "check": check, "by": who(by)}
    with reached(server, config) as reach:
        tell(reach.routing.take_over(fields), output)


@routes.command()
def export(server: ServerOption = None, config: ConfigOption = None) -> None:
    """Write all rules and presets as TOML, for `import` to read."""
    from syncd.cli.where import reached

    with reached(server, config) as reach:
        sys.stdout.write(reach.routing.export()["text"])  # a file, exactly as it is


def _word(is_match: object) -> str:
    return "yes" if is_match else "no"


def _read(file: str) -> str:
    from syncd.errors import Misconfigured, NotFound

    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {file}; `syncd routes export` writes one.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{file} cannot be read as text; it should be TOML as `syncd routes export` writes it."
        ) from error
