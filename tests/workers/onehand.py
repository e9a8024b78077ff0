"""A whole daemon in one process, without broker and beat: receiver and console on real ports, and one worker's hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from syncd.cli.beside import beside
from syncd.cli.web import console_application, receiving
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.webhooks.making import make_webhook
from syncd.receiver.limits import Tally
from syncd.receiver.server import server
from syncd.settings import Settings
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from syncd.wiring import Daemon, hooks_on_this_machine, site, start
from tests.parts.loopback import OPENED
from tests.parts.ports import free_port
from tests.parts.terms import TERMS
from tests.waiting import wait_until
from workers.hand import Hand

TOKEN = "api-token-for-tests"


@dataclass(frozen=True, slots=True)
class Here:
    settings: Settings
    daemon: Daemon
    pagerduty: Simulator

    @property
    def url(self) -> str:
        return site(self.settings)


def settings_for(home: Path, **changed: Any) -> Settings:  # noqa: ANN401  Any setting.
    """A sweep that comes round at once: nothing here is rung for."""
    given = {
        "http_port": free_port(),
        "console_port": free_port(),
        "sweep_s": 0.02,
        "worker_threads": 4,
        "outgoing_allow": OPENED,
        **changed,
    }
    return Settings(home=home, api_token=SecretStr(TOKEN), **given)


@contextmanager
def web(settings: Settings) -> Iterator[Here]:
    """Connected with a simulated PagerDuty, as a person would have done it. Nobody works yet."""
    with simulator(seed=9) as pagerduty, serve(pagerduty.app) as sim_url, _served(settings) as daemon:
        pagerduty.account.api_url = sim_url
        setup = Setup(daemon.db, daemon.vault, daemon.clock, settings.outgoing())
        add_pagerduty(setup, "pagerduty", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=sim_url)
        make_webhook(setup, "pagerduty", hooks_on_this_machine(settings))
        add_connector(setup, "checkout", integration="pagerduty", service="Checkout", case_system="cases")
        yield Here(settings, daemon, pagerduty)


@contextmanager
def hand(settings: Settings) -> Iterator[Hand]:
    made = Hand(settings)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def _served(settings: Settings) -> Iterator[Daemon]:
    daemon, closing = start(settings), threading.Event()
    ensure_builtin(daemon.db, site(settings))
    hooks = receiving(daemon)
    running = server(hooks.application(), settings, hooks.tally, closing.set)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    pages = console_application(daemon, closing)
    with beside(pages, settings, Tally(daemon.clock), closing.set) as console:
        wait_until(lambda: running.started and console.server.started)
        try:
            yield daemon
        finally:
            closing.set()
            running.should_exit = True
            thread.join(20)
    daemon.close()
    assert not thread.is_alive()
