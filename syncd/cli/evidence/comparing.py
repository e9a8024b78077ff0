"""`syncd evidence diff`: what changed between two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import who
from syncd.errors import Misconfigured

from .group import Account, evidence

if TYPE_CHECKING:
    from syncd.evidence.report.plain import Plain

    from .asked import Here

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
    from syncd.evidence.report.changes import as_rows, changes

    from .asked import here

    form_of(output)
    if server:
        found = _far(server, integration, before, after)
    else:
        with here(config) as asked:
            first = asked.kept_report(integration, _number(before))
            second = _now(asked, integration, first) if after == NOW else asked.kept_report(integration, _number(after))
        found = as_rows(changes(first, second))
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


def _now(asked: Here, integration: str, like: Plain) -> Plain:
    from datetime import datetime

    from syncd.evidence.answering import answer
    from syncd.evidence.report.plain import plain

    start, end = (datetime.fromisoformat(like["window"][edge]) for edge in ("start", "end"))
    question = asked.question(integration, f"{max((end - start).days, 1)}d", who(None))
    with asked.db.read() as tx:
        return plain(answer(tx, asked.known, question)[1])
