"""`syncd presets ...`: what an opened incident looks like."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption, given
from syncd.cli.saying import say
from syncd.cli.who import By, who

from .group import Replace, System, said

presets = typer.Typer(help="What an opened incident looks like.", no_args_is_help=True, rich_markup_mode=None)
_TEMPLATE = "A template: {{ title }}, {{ case }}, {{ body }}, {{ priority }}, {{ url }}, {{ by }}, {{ source }}, {{ team }}, {{ labels }}."
_COLUMNS = ("name", "urgency", "escalation_policy_name", "priorities", "integration", "title")


@presets.command("list")
def list_presets(server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None) -> None:
    """Every preset, the shipped one first. What one leaves open is empty, and as it would be without a preset."""
    from syncd.cli.output import form_of, show
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        show(reach.routing.presets(), output, columns=_COLUMNS, listed="presets")


@presets.command()
def add(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    name: Annotated[str, typer.Argument(help="The preset's name.")],
    title: Annotated[str, typer.Option(help=_TEMPLATE)] = "",
    body: Annotated[str, typer.Option(help="The text, likewise.")] = "",
    urgency: Annotated[str, typer.Option(help="high or low; as the service has it when left out.")] = "",
    escalation_policy: Annotated[str, typer.Option(help="Its id or its name; the service's when left out.")] = "",
    priority: Annotated[
        list[str] | None, typer.Option(help="P1=NAME, in place of the connector's; may be given again.")
    ] = None,
    integration: Annotated[
        str, typer.Option(help="Only for connectors of this account, which priorities and policy are of.")
    ] = "",
    replace: Replace = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a preset; rules name it. Its templates are tried, and what it names of an account is looked up there, at once."""
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    form_of(output)
    fields = said(
        name=name,
        title=title,
        body=body,
        urgency=urgency,
        escalation_policy=escalation_policy,
        integration=integration,
        priorities=dict(one.partition("=")[::2] for one in priority or ()),
    )
    with reached(server, config) as reach:
        tell(reach.routing.add_preset({**fields, "replace": replace, "by": who(by)}), output)


@presets.command()
def remove(
    name: Annotated[str, typer.Argument(help="The preset's name; `syncd presets list` shows them.")],
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove a preset that no rule names. Incidents that were opened by it stay as they are."""
    from syncd.cli.output import form_of, tell
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        tell(reach.routing.remove_preset(name, {"by": who(by)}), output)


@presets.command()
def preview(
    case: Annotated[str, typer.Option(help="The case's key, like CS-1042.")],
    preset: Annotated[str | None, typer.Option(help="Another than the one that the rules choose.")] = None,
    connector: Annotated[str | None, typer.Option(help="Another than the one that the rules choose.")] = None,
    system: System = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Show the incident of a case as it would be opened now. Nothing is sent."""
    from syncd.cli.output import form_of, is_for_people, show_one
    from syncd.cli.where import reached

    form_of(output)
    with reached(server, config) as reach:
        found = reach.routing.preview(given(case=case, preset=preset, connector=connector, system=system))
    if not is_for_people(output):
        show_one(found, output)
        return
    show_one({name: value for name, value in found.items() if name != "body"}, output)
    say(f"\n{found['body']}")
