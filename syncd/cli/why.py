"""`syncd why`: what keeps a case and its incident apart, in one sentence, who has to act, and how it came so far."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .reach import Json, OutputOption, ServerOption, given

_COLUMNS = ("at", "kind", "what", "direction", "by", "outcome", "reason", "attempt", "delivery")


def why(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="REF",
            help="A case's key or address, an incident's id, number (#1234) or address, or a delivery's id. Where it may mean "
            "several things: case:X, incident:X, delivery:N or link:N. Of evidence: service:NAME, schedule:NAME, times:INCIDENT.",
        ),
    ],
    compare: Annotated[bool, typer.Option("--compare", help="Read both sides now, and say where they differ.")] = False,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """The first thing that stops a change, who has to act, and the command; then what has happened so far. Changes nothing.

    Of a service, a schedule or an incident's times: why evidence does not have it, or what it finds of it.

    Exit 0: in step, or in order. 1: something stops it. 4: nothing here has that name.
    """
    from .output import form_of, is_for_people, show_one
    from .where import reached

    form_of(output)
    with reached(server, config) as reach:
        answer = reach.why(given(ref=reference, compare="true" if compare else None))
    if is_for_people(output):
        _tell(answer, output)
    else:
        show_one(answer, output)
    if not answer["is_in_step"]:
        raise typer.Exit(1)


def _tell(answer: Json, output: str | None) -> None:
    """The answer first, since whoever asks at night reads no further than needed."""
    from syncd.core.harmless import printable

    from .output import show

    code = f" ({answer['code']}: `syncd explain {answer['code']}`)" if answer["code"] else ""
    say(printable(f"{answer['says']}{code}"))
    if not answer["is_in_step"]:
        say(f"Who has to act: {answer['who']}.")
    if answer["remedy"]:
        say(printable(answer["remedy"]))
    if answer["path"]:
        say("")
        show([_brief(one) for one in answer["path"]], output, columns=_COLUMNS, below="says")


def _brief(step: Json) -> Json:
    """Of what was done nobody has to be told why."""
    return {**step, "says": ""} if step["outcome"] == "applied" else step
