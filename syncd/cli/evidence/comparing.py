"""`syncd evidence diff`: what changed between two answers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import who
from syncd.errors import Misconfigured

from .group import Account, evidence

NOW = "now"
_COLUMNS = ("what", "check", "subject", "name", "before", "after")


@evidence.command()
def diff(
    before: Annotated[str, typer.Argument(help="A snapshot's number; `syncd evidence snapshots` shows them.")],
    after: Annotated[
        str, typer.Argument(help="Another one, or now: as it is known at this moment, over as long a time.")
    ] = NOW,
    integration: Account = "",
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """What changed between two answers: results, subjects that came and went, rules, and how many there are. Exit 0 either way."""
    from syncd.cli.output import form_of, is_for_people, show
    from syncd.evidence.report.changes import as_rows

    from .asked import here

    form_of(output)
    if server:
        found = _far(server, integration, before, after)
    else:
        with here(config) as asked:
            later = None if after == NOW else _number(after)
            found = as_rows(asked.desk.compared(asked.slug(integration), _number(before), later, who(None)))
    show(found, output, columns=_COLUMNS)
    if is_for_people(output) and not found:
        say("Nothing changed.", err=True)


def _far(server: str, name: str, before: str, after: str) -> list[dict[str, Any]]:
    from .elsewhere import there

    with there(server) as far:
        return far.diff(name, _number(before), None if after == NOW else _number(after))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Misconfigured(f"{text} is no snapshot; give the number of one, or `now` as the second.")
    return int(text)
