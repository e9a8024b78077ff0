"""`syncd trial`: one low-urgency incident taken through its whole life, after the person was told who would be paged."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .joining import joining

if TYPE_CHECKING:
    from syncd.connections.trial.finding import Finding
    from syncd.connections.trial.paged import Paged


def trial(
    service: Annotated[str, typer.Option(help="The service it is opened on: its id or its name.")],
    name: Annotated[str, typer.Argument(help="The PagerDuty account, where there are several.")] = "",
    is_agreed: Annotated[bool, typer.Option("--yes", help="Open it without asking.")] = False,
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    config: ConfigOption = None,
) -> None:
    """Open one low-urgency incident, take it through its whole life, and say what held of all that syncd relies on.

    Who would be paged is told first. The incident is resolved in the end, whatever happens. Exit 1: something differs.
    """
    from syncd.connections.trial.finding import Verdict
    from syncd.connections.trial.run import prepared

    from .output import form_of, show

    form_of(output)
    with joining(config) as setup:
        made = prepared(setup, name, service, sleep)
        _tell_whom(made.paged)
        _agree(is_agreed=is_agreed)
        with closing(made.findings()) as findings:
            found = list(_told(findings))
    show([one.as_json() for one in found], output)
    if any(one.verdict is Verdict.DIFFERS for one in found):
        raise typer.Exit(1)


def _tell_whom(paged: Paged) -> None:
    people = ", ".join(paged.people) or "nobody, since nobody is on call"
    say(f"On {paged.service} ({paged.policy or 'no escalation policy'}) this would page: {people}.", err=True)
    if paged.is_always_loud:
        say(
            "Mind: this service makes every incident one of high urgency, whatever is asked for; those people are paged at once.",
            err=True,
        )


def _agree(*, is_agreed: bool) -> None:
    from syncd.errors import Misconfigured

    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise Misconfigured("Nothing was opened: nobody can be asked here; say --yes if those people may be paged.")
    try:
        typer.confirm("Open one low-urgency incident there and resolve it again?", abort=True, err=True)
    except typer.Abort:
        say("Nothing was opened.", err=True)
        raise typer.Exit(130) from None


def _told(findings: Iterator[Finding]) -> Iterator[Finding]:
    """On a terminal each step shows when it is done."""
    for one in findings:
        if sys.stderr.isatty():
            say(f"{one.step} ...", err=True)
        yield one
