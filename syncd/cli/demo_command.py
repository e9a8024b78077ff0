"""`syncd demo` as people call it; what it does is in demo."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from syncd.cli.saying import say


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The console's port.")] = 8080,
    sim_port: Annotated[int, typer.Option(min=1, max=65535, help="The simulated PagerDuty's port.")] = 8081,
    tour: Annotated[bool, typer.Option(help="Have a guide press a few buttons first.")] = True,
) -> None:
    """Run everything beside a simulated PagerDuty, and look on."""
    from syncd.logs import configure

    from .demo import run

    configure("warning", is_tty=sys.stderr.isatty())
    ended = run(port, sim_port, say, tour=tour)
    say("The demo has ended, and nothing of it is left.")
    raise typer.Exit(130 if ended.name == "SIGINT" else 0)
