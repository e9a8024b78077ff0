"""The commands that run the daemon or one of its parts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say
from syncd.configuration import load
from syncd.logs import READ_BY_PEOPLE, configure
from syncd.settings import Settings

if TYPE_CHECKING:
    from .up import Plan

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The TOML file to read.")]
HostOption = Annotated[str | None, typer.Option("--host", help="Where hooks are taken.")]
PortOption = Annotated[int | None, typer.Option("--port", help="Where hooks are taken.")]
ConsoleHostOption = Annotated[str | None, typer.Option("--console-host", help="Where console and API listen.")]
ConsolePortOption = Annotated[int | None, typer.Option("--console-port", help="Where console and API listen.")]


def _settings(config: Path | None, **flags: object) -> Settings:
    settings = load(config, **flags)
    configure(settings.log_level, is_tty=sys.stderr.isatty() or os.environ.get(READ_BY_PEOPLE) == "1")
    return settings


def up(
    config: ConfigOption = None,
    host: HostOption = None,
    port: PortOption = None,
    console_host: ConsoleHostOption = None,
    console_port: ConsolePortOption = None,
    after_restore: Annotated[
        bool, typer.Option("--after-restore", help="The database is a backup's: look before each write.")
    ] = False,
) -> None:
    """Run everything: receiver, console, workers and beat, with the embedded store and broker unless settings name others."""
    from . import up as parts

    settings = _settings(config, http_host=host, http_port=port, console_host=console_host, console_port=console_port)
    ended = parts.run(settings, config, _announce, is_restored=after_restore)
    say("syncd has stopped; what waits goes on when it is up again.", err=True)
    raise typer.Exit(130 if ended.name == "SIGINT" else 0)


def _announce(plan: Plan) -> None:
    from syncd.wiring import hooks_on_this_machine, on_this_machine

    from .own_token import FILE

    settings = plan.settings
    say(f"syncd is up: its console is at {on_this_machine(settings)}; Ctrl-C stops it.", err=True)
    say(
        f"Hooks are taken at {hooks_on_this_machine(settings)}/hooks/NAME, and nothing else is answered there.",
        err=True,
    )
    if not settings.api_token.get_secret_value():
        say(f"The API token is in {settings.home / FILE}.", err=True)


def web(
    config: ConfigOption = None,
    only: Annotated[str | None, typer.Option(help="hooks or console; both when left out.")] = None,
    host: HostOption = None,
    port: PortOption = None,
    console_host: ConsoleHostOption = None,
    console_port: ConsolePortOption = None,
) -> None:
    """Run the receiver and the console, each on a port of its own."""
    from syncd.errors import Misconfigured

    from .demo_pages import plan_from_environment
    from .ports import CONSOLE, METRICS, Choice, require_apart, require_free
    from .web import Only, run

    if only is not None and only not in set(Only):
        message = f"--only {only} is nothing that can be served; it is hooks or console."
        raise Misconfigured(message)
    if only == Only.CONSOLE and (host, port) != (None, None):
        raise Misconfigured(
            "--host and --port say where hooks are taken; with --only console use --console-host and --console-port."
        )
    settings = _settings(config, http_host=host, http_port=port, console_host=console_host, console_port=console_port)
    if only is None:
        require_apart(settings.http_port, settings.console_port, CONSOLE)
    if only != Only.CONSOLE:
        require_free(settings.http_host, settings.http_port, Choice("web"))
    if only != Only.HOOKS:
        require_free(settings.console_host, settings.console_port, CONSOLE)
    if settings.metrics_port and only != Only.HOOKS:
        require_free(settings.metrics_host, settings.metrics_port, METRICS)
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
    evidence: Annotated[
        bool,
        typer.Option(
            "--evidence", help="A large account: 847 services, 300 users, 60 schedules, 12,500 incidents in one day."
        ),
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Run a simulated PagerDuty on this machine.

    It has people, services, priorities and keys, and sends webhooks. With --evidence it has besides teams, schedules of both
    kinds, an audit trail and a day of incidents, with faults of all that evidence is collected for: /_sim/manifest names each.
    Under /_sim/ it is turned, by anybody on this machine:

    \b
      GET, PATCH   /_sim/switches    how it behaves, and how webhooks travel: {"copies": 2, "drop_next": 1, "hold": true}
      GET, POST    /_sim/faults      what befalls requests: {"status": 500, "path": "*/notes", "count": 2}; DELETE clears;
                   {"status": 429, "count": 0, "lasts_s": 30} is a rate limit of half a minute
      POST         /_sim/release     lets held webhooks go: {"order": "reversed"}; given and shuffled are the others
      GET          /_sim/state       everything it holds; /_sim/requests and /_sim/webhooks: what came and what was sent
      POST         /_sim/incidents   somebody opens one: {"title": "Slow", "by": "Ana Lima"}
      POST         /_sim/incidents/ID/ACT   a person's act, as a JSON object with "by": acknowledge, unacknowledge, resolve,
                   reopen, priority, title, urgency, note, edit-note, delete-note, merge, escalate, delegate, notify
                   note takes "text" besides, edit-note "note_id" and "text", delete-note "note_id", merge "into"; event sends
                   a webhook and changes nothing: {"event_type": "incident.resolved", "forged": true} is somebody else's;
                   delegate takes "policy", notify "user", and without "by" an escalation comes by time
      GET          /_sim/manifest    what was planted by --evidence: ids by check, gaps, times of each incident
      GET          /_sim/incidents/ID   as people see it there, whatever befalls requests; /_sim/keys/ID: whether it is revoked
      POST         /_sim/keys/ID/withhold   that key may not ask for it any more: {"path": "/log_entries", "status": 403}; status
                   402 says that the plan lacks it, and "required_scopes" which scopes were needed; grant takes "path" back
      POST         /_sim/keys/ID/revoke, restore; /_sim/users/ID/deactivate, role; /_sim/services/ID/oncall
                   a key's ID is the key itself, like the one that is printed at the start
      POST         /_sim/keys/ID/bind   from now on it sees what belongs to these teams: {"teams": ["ID"]}; [] is all of them
      POST         /_sim/services/ID/change   {"name": "Till"}, {"state": "disabled"}; maintenance is the other, "" is in use
      POST         /_sim/schedules/ID/override   {"user": "Ana Lima", "start": "2026-03-01T08:00Z", "end": "2026-03-01T17:00Z"}
      POST         /_sim/oauth/clients   registers an application: {"id": "syncd", "secret": "s", "kind": "classic",
                   "scopes": ["read", "write"], "redirects": ["http://127.0.0.1:8082/oauth/callback"]}; scoped and app are the
                   other kinds, whose scopes are like incidents.read; of app the account's --subdomain is simulated
      POST         /_sim/oauth/person    who is signed in and agrees: {"user": "Ana Lima"}
      POST         /_sim/oauth/deny, revoke   the next request to agree is denied; {"token": "..."} is taken back

    \b
    For example:
      curl 127.0.0.1:8081/_sim/switches
      curl -X PATCH 127.0.0.1:8081/_sim/switches -d '{"drop_next": 1}'
      curl 127.0.0.1:8081/_sim/incidents -d '{"title": "Checkout is slow", "by": "Ana Lima"}'
    """  # noqa: D301  A backspace keeps the lines that follow it as they are.
    from syncd.simulator.pagerduty import BOT_EMAIL, KEYS, made_simulator, simulator
    from syncd.simulator.server import run

    from .ports import Choice, require_free

    settings = _settings(config, sim_port=port)
    require_free("127.0.0.1", settings.sim_port, Choice("sim"))
    address = f"http://127.0.0.1:{settings.sim_port}"

    def announce(_: str) -> None:
        say(f"The simulated PagerDuty is at {address}; its full API key is {KEYS.full}.", err=True)
        say(f"One that may only read is {KEYS.read_only}, and a personal one {KEYS.user}.", err=True)
        opening = f"SYNCD_OUTGOING_ALLOW=127.0.0.1:{settings.sim_port}"
        adding = f"{sys.executable} -m syncd integrations add simulated --email {BOT_EMAIL} --where {address} --consent --two-way"
        say(
            f"A syncd on this machine asks it only where {opening} is set, for its parts and for each command.",
            err=True,
        )
        say(f"To connect it: {opening} SYNCD_SECRET={KEYS.full} {adding}", err=True)
        one_way = f"connectors add payments --path service_key --service-name Payments --where {address}"
        say(f"Or one way: {opening} SYNCD_SECRET={KEYS.payments} {sys.executable} -m syncd {one_way}", err=True)
        say(f"To turn it: {address}/_sim/switches and more, which `syncd sim --help` tells.", err=True)
        if evidence:
            say(
                f"What is wrong in it: {address}/_sim/manifest. Keys that see less: {KEYS.team} is bound to a team,",
                err=True,
            )
            say(f"{KEYS.bound} to a user's teams; {KEYS.read_only} only reads, and sees everything.", err=True)

    making = made_simulator if evidence else simulator
    with making(seed=seed, api_url=address, web_url=address) as pagerduty:
        run(pagerduty.app, port=settings.sim_port, is_up=announce)


def db_upgrade(config: ConfigOption = None) -> None:
    """Bring the database to this release's schema. Safe to run anywhere, any number of times."""
    from syncd.store.schema import upgrade
    from syncd.wiring import database

    db = database(_settings(config))
    try:
        say(f"The database is at {upgrade(db)}.")
    finally:
        db.close()
