"""`syncd alerts send`: an alert goes to a service key, here or by a daemon elsewhere."""

# ruff: noqa: PLR0913, PLR0917 - every option of a command is a parameter of its function.

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from syncd.cli.saying import say
from syncd.errors import Misconfigured

from .daemon import ConfigOption
from .reach import Json, OutputOption, ServerOption
from .who import By, who

app = typer.Typer(help="Alerts, sent to a service key without a case.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Alerts, sent to a service key without a case."""


@app.command()
def send(
    connector: Annotated[str, typer.Argument(help="A connector with the badge Service key.")],
    summary: Annotated[str, typer.Option(help="What is wrong, in one line; a trigger needs it.")] = "",
    severity: Annotated[str, typer.Option(help="critical, error, warning or info.")] = "error",
    dedup_key: Annotated[
        str, typer.Option(help="Which alert it is about; a trigger without one opens a new alert.")
    ] = "",
    action: Annotated[str, typer.Option(help="trigger, acknowledge or resolve.")] = "trigger",
    source: Annotated[str, typer.Option(help="Where the trouble is, a host for example.")] = "",
    details: Annotated[str, typer.Option(help="More words.")] = "",
    link: Annotated[list[str] | None, typer.Option(help="TEXT=URL, for people to open; may be repeated.")] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="Said again, it sends no second alert.")] = None,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Trigger, acknowledge or resolve an alert. It is written down first, and its rows tell what became of it."""
    from .output import form_of, show
    from .where import reached

    form_of(output)
    if idempotency_key is not None and not 0 < len(idempotency_key) <= 255:
        message = "An --idempotency-key has 1 to 255 characters; leave it out for a new alert."
        raise Misconfigured(message)
    fields = {
        "connector": connector,
        "summary": summary,
        "severity": severity,
        "dedup_key": dedup_key,
        "action": action,
        "source": source,
        "details": details,
        "links": _links(link or ()),
        "by": who(by),
    }
    with reached(server, config) as reach:
        sent = reach.send_alert(fields, idempotency_key)
    said = "is on its way" if sent["is_new"] else "was sent by this key before"
    say(f"The {sent['action']} {said}; `syncd deliveries list --case {sent['record']}` shows it.", err=True)
    show([sent], output)


def _links(given: Sequence[str]) -> list[Json]:
    found = []
    for one in given:
        text, _, href = one.partition("=")
        if not href:
            message = f"--link {one} is no link; write TEXT=URL."
            raise Misconfigured(message)
        found.append({"text": text, "href": href})
    return found
