"""`syncd demo`: the whole daemon beside a simulated PagerDuty, in a folder that is gone afterwards, and a tour of it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote

from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.joining.terms import Terms
from syncd.connections.master_key import open_vault
from syncd.connections.webhooks.making import make_webhook
from syncd.embedded.folder import private_folder
from syncd.embedded.part import Part
from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.simulator.pagerduty import BOT_EMAIL, KEYS, SERVICES
from syncd.wiring import database, hooks_on_this_machine, site

from . import demo_pages
from .ports import Choice, free_port, require_free
from .script.playing import Script
from .script.steps import steps
from .script.visitor import Visitor
from .tour import Tour
from .up import STOP_ORDER, Plan, answers, command, planned, supervisor

CONNECTOR = "checkout"
HOST = "127.0.0.1"
PORT, SIM_PORT = Choice("demo", variable="PORT"), Choice("demo", "--sim-port", "SIM_PORT")
ORDER = (*STOP_ORDER[:2], ("pagerduty",), *STOP_ORDER[2:])


def run(
    port: int, sim_port: int, say: Callable[[str], None], *, tour: bool = True, script: Script | None = None
) -> signal.Signals:
    """Blocks until Ctrl-C, or until the script has ended. Nothing is left behind: the store lives in a temporary folder."""
    if port == sim_port:
        raise Misconfigured(f"Both ports are {port}; choose another: {SIM_PORT.instead_of(port)}.")
    require_free(HOST, port, PORT)
    require_free(HOST, sim_port, SIM_PORT)
    with private_folder() as folder:
        return _run(at_home(folder, port, sim_port, free_port(HOST)), say, tour=tour, script=script)


def at_home(folder: Path, port: int, sim_port: int, hooks_port: int) -> Settings:
    """The person's own settings, database, broker and keys are left alone. `port` is the console's, the one that is opened."""
    return Settings(
        home=folder,
        log_level="warning",
        sweep_s=1.0,
        http_host=HOST,
        http_port=hooks_port,
        console_host=HOST,
        console_port=port,
        sim_port=sim_port,
        outgoing_allow=f"{HOST}:{sim_port}",
    )


def apart(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The parts must not find the person's settings either: in the environment, in files, in folders of secrets."""
    nothing = folder / "syncd.toml"
    nothing.touch(mode=0o600)
    theirs = {name: "" for name in environ if name.startswith("SYNCD_") or name == "CREDENTIALS_DIRECTORY"}
    return {**theirs, "SYNCD_CONFIG": str(nothing)}


def asking(settings: Settings) -> str:
    """With all that a command has to know of the demo, also one that asks its PagerDuty."""
    env = {
        "SYNCD_HOME": str(settings.home),
        "SYNCD_CONFIG": str(settings.home / "syncd.toml"),
        "SYNCD_PUBLIC_URL": hooks_on_this_machine(settings),
        "SYNCD_CONSOLE_URL": site(settings),
        "SYNCD_OUTGOING_ALLOW": settings.outgoing_allow,
    }
    return " ".join([*(f"{name}={quote(value)}" for name, value in env.items()), *command("status")])


def _run(settings: Settings, say: Callable[[str], None], *, tour: bool, script: Script | None) -> signal.Signals:
    sim_url = f"http://{HOST}:{settings.sim_port}"
    env = apart(settings.home, os.environ)
    with planned(settings, env=env, web_env=demo_pages.environment(sim_url)) as plan:
        simulator = Part(
            "pagerduty",
            command("sim", "--port", str(settings.sim_port)),
            {**env, "SYNCD_LOG_LEVEL": "warning"},
            ready=lambda: answers(f"{sim_url}/_sim/switches"),
        )
        guide = Tour(site(settings), plan.token, sim_url, say)
        parent = supervisor((simulator, *plan.parts), ORDER, sys.stdout if script is None else sys.stderr)

        def play() -> None:
            if script is None:
                guide.run(tour)
                return
            script.is_ending = lambda: parent.is_asked
            try:
                _play(script, plan, sim_url)
            finally:
                parent.finish()

        def on_ready() -> None:
            _connect(settings, sim_url)
            say(f"syncd is up. Open {site(settings)}/demo and press anything on either side; Ctrl-C stops everything.")
            say(f"To ask it in another shell: {asking(settings)}")
            threading.Thread(target=play, name="tour", daemon=True).start()

        try:
            return parent.run(on_ready)
        finally:
            guide.stop()
            if script is not None:
                script.stop()


def _play(script: Script, plan: Plan, sim_url: str) -> None:
    with Visitor(site(plan.settings), plan.token, sim_url, demo_pages.ACCOUNT) as visitor:
        script.play(steps(visitor))


def _connect(settings: Settings, sim_url: str) -> None:
    """What a person would do once: an integration, its webhook, a connector."""
    db = database(settings)
    try:
        setup = Setup(db, open_vault(settings, db), db.clock, settings.outgoing())
        ensure_builtin(db, site(settings))
        terms = Terms("the demo", has_consented=True, is_two_way=True)  # Of an account that is only simulated.
        add_pagerduty(setup, demo_pages.ACCOUNT, api_key=KEYS.full, email=BOT_EMAIL, terms=terms, where=sim_url)
        make_webhook(setup, demo_pages.ACCOUNT, hooks_on_this_machine(settings))
        add_connector(setup, CONNECTOR, integration=demo_pages.ACCOUNT, service=SERVICES[0], case_system="cases")
    finally:
        db.close()
