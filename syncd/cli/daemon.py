"""The commands that run the daemon or one of its parts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.logs import READ_BY_PEOPLE, configure
from syncd.settings import Settings, load

if TYPE_CHECKING:
    from .up import Plan

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The TOML file to read.")]


def _settings(config: Path | None, **flags: object) -> Settings:
    settings = load(config, **flags)
    configure(settings.log_level, is_tty=sys.stderr.isatty() or os.environ.get(READ_BY_PEOPLE) == "1")
    return settings


def up(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Where to listen.")] = None,
    port: Annotated[int | None, typer.Option(help="Where to listen.")] = None,
    after_restore: Annotated[
        bool, typer.Option("--after-restore", help="The database is a backup's: look before each write.")
    ] = False,
) -> None:
    """Run everything: receiver, console, workers and beat, with the embedded store and broker unless settings name others."""
    from . import up as parts

    settings = _settings(config, http_host=host, http_port=port)
    ended = parts.run(settings, config, _announce, is_restored=after_restore)
    typer.echo("syncd has stopped; what waits goes on when it is up again.", err=True)
    raise typer.Exit(130 if ended.name == "SIGINT" else 0)


def _announce(plan: Plan) -> None:
    from syncd.wiring import on_this_machine

    from .own_token import FILE

    settings = plan.settings
    typer.echo(f"syncd is up at {on_this_machine(settings)}; Ctrl-C stops it.", err=True)
    if not settings.api_token.get_secret_value():
        typer.echo(f"The API token is in {settings.home / FILE}.", err=True)


def web(
    config: ConfigOption = None,
    only: Annotated[str | None, typer.Option(help="hooks or console; both when left out.")] = None,
    host: Annotated[str | None, typer.Option()] = None,
    port: Annotated[int | None, typer.Option()] = None,
) -> None:
    """Run the receiver and the console."""
    from syncd.errors import Misconfigured

    from .demo_pages import plan_from_environment
    from .ports import Choice, require_free
    from .web import Only, run

    if only is not None and only not in set(Only):
        message = f"--only {only} is nothing that can be served; it is hooks or console."
        raise Misconfigured(message)
    settings = _settings(config, http_host=host, http_port=port)
    require_free(settings.http_host, settings.http_port, Choice("web"))
    run(settings, Only(only) if only else None, plan_from_environment(os.environ, settings))


def worker(config: ConfigOption = None) -> None:
    """Run a worker: it applies changes on both sides."""
    from workers.run import worker as run

    raise typer.Exit(run(_broker_settings(config)))


def beat(config: ConfigOption = None) -> None:
    """Run the beat: every few seconds it has the workers look for what was overlooked."""
    from workers.run import beat as run

    run(_broker_settings(config))


def _broker_settings(config: Path | None) -> Settings:
    from syncd.errors import Misconfigured

    settings = _settings(config)
    if not settings.redis_url:
        message = "No broker is named; set SYNCD_REDIS_URL, or use `syncd up`, which starts one of its own."
        raise Misconfigured(message)
    return settings


def sim(
    port: Annotated[int | None, typer.Option(help="Where to listen on 127.0.0.1.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same ids and faults.")] = 7,
    config: ConfigOption = None,
) -> None:
    """Run a simulated PagerDuty on this machine."""
    from syncd.simulator.pagerduty import KEYS, simulator
    from syncd.simulator.server import run

    from .ports import Choice, require_free

    settings = _settings(config, sim_port=port)
    require_free("127.0.0.1", settings.sim_port, Choice("sim"))
    address = f"http://127.0.0.1:{settings.sim_port}"

    def announce(_: str) -> None:
        typer.echo(f"The simulated PagerDuty is at {address}; its full API key is {KEYS.full}.", err=True)
        opening = f"SYNCD_OUTGOING_ALLOW=127.0.0.1:{settings.sim_port}"
        typer.echo(f"A syncd on this machine asks it only where {opening} is set.", err=True)

    with simulator(seed=seed, api_url=address, web_url=address) as pagerduty:
        run(pagerduty.app, port=settings.sim_port, is_up=announce)


def db_upgrade(config: ConfigOption = None) -> None:
    """Bring the database to this release's schema. Safe to run anywhere, any number of times."""
    from syncd.store.schema import upgrade
    from syncd.wiring import database

    db = database(_settings(config))
    try:
        typer.echo(f"The database is at {upgrade(db)}.")
    finally:
        db.close()
