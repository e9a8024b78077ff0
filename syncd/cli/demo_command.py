"""`syncd demo` as people call it; what it does is in demo."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

if TYPE_CHECKING:
    import signal

    from .script.playing import Script

SCRIPTS = ("tour",)


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The console's port.")] = 8080,
    sim_port: Annotated[int, typer.Option(min=1, max=65535, help="The simulated PagerDuty's port.")] = 8081,
    tour: Annotated[bool, typer.Option(help="Have a guide press a few buttons first.")] = True,
    script: Annotated[str | None, typer.Option(help="tour: it plays itself, every button once, and ends.")] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Of a script: table, json, ndjson or csv.")
    ] = None,
) -> None:
    """Run everything beside a simulated PagerDuty, and look on.

    With --script tour it presses every button of its page itself, waits for what is to be seen of each, and ends. Exit 1:
    something was not seen.
    """
    from syncd.errors import Misconfigured
    from syncd.logs import configure

    from .demo import run
    from .output import form_of

    if script is not None and script not in SCRIPTS:
        message = f"--script {script} is nothing that can be played; it is {', '.join(SCRIPTS)}."
        raise Misconfigured(message)
    form_of(output)
    configure("warning", is_tty=sys.stderr.isatty())
    if script is not None:
        _play(port, sim_port, output)
    ended = run(port, sim_port, say, tour=tour)
    say("The demo has ended, and nothing of it is left.")
    raise typer.Exit(130 if ended.name == "SIGINT" else 0)


def _play(port: int, sim_port: int, output: str | None) -> None:
    """Stdout has only what was seen; everything else is said beside it."""
    from .demo import run
    from .output import is_for_people, show
    from .script.playing import Script

    aside = partial(say, err=True)
    script = Script(say if is_for_people(output) else lambda _: None)
    ended = run(port, sim_port, aside, script=script)
    if not is_for_people(output):
        show([one.as_json() for one in script.played], output)
    aside(_end_of(script))
    raise typer.Exit(_exit_code(script, ended))


def _end_of(script: Script) -> str:
    if script.is_whole:
        return f"The tour was seen whole, {len(script.played)} steps; nothing of it is left."
    if script.played and script.played[-1].missing:
        last = script.played[-1]
        return f"Step {last.step} of the tour ({last.name}) did not show {last.missing}; nothing of it is left."
    return f"The tour was stopped after {len(script.played)} steps; nothing of it is left."


def _exit_code(script: Script, ended: signal.Signals) -> int:
    if script.is_whole:
        return 0
    return 130 if ended.name == "SIGINT" else 1
