"""The web process: the receiver and the console, each where it listens, together or apart."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum
from functools import partial

import structlog
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from syncd.connections.joining.builtin import ensure_builtin
from syncd.console import app as console
from syncd.console.demo_plan import DemoPlan
from syncd.console.metrics.listener import listening
from syncd.console.parts import Parts as ConsoleParts
from syncd.errors import SyncdError
from syncd.flow.catchup import unheard
from syncd.flow.metrics.gathering import Gathering
from syncd.receiver import app as receiver
from syncd.receiver.health import healthz
from syncd.receiver.limits import Tally
from syncd.receiver.server import Server, serve
from syncd.settings import Settings
from syncd.store import heartbeats
from syncd.store.cases import Cases
from syncd.store.schema import require_served
from syncd.wiring import Daemon, channels, prover, site, start

from . import heartbeat
from .beside import beside
from .ports import CONSOLE, bound

log = structlog.stdlib.get_logger()


class Only(StrEnum):
    HOOKS = "hooks"
    CONSOLE = "console"


def run(settings: Settings, only: Only | None = None, demo: DemoPlan | None = None) -> None:
    daemon = start(settings)
    ensure_builtin(daemon.db, site(settings))
    closing = threading.Event()
    names = [part for part, other in (("receiver", Only.CONSOLE), ("console", Only.HOOKS)) if only is not other]
    if only is not Only.CONSOLE:
        _catch_up(daemon)
    beats = heartbeat.thread(partial(_beat_once, daemon, names), partial(_say_goodbye, daemon), closing)
    beats.start()
    try:
        with _measured(daemon, only):
            _serve(daemon, closing, only, demo)
    finally:
        closing.set()
        beats.join(2)
        daemon.close()


def _serve(daemon: Daemon, closing: threading.Event, only: Only | None, demo: DemoPlan | None) -> None:
    """Until it is told to stop. `closing` is set then: streams of the console end by it."""
    settings, hooks = daemon.settings, receiving(daemon)
    if only is Only.HOOKS:
        serve(hooks.application(), settings, hooks.tally, on_stop=closing.set)
        return
    pages, tally = console_application(daemon, closing, demo), Tally(daemon.clock)
    if only is Only.CONSOLE:
        with bound(settings.console_host, settings.console_port, CONSOLE) as listening:
            serve(pages, settings, tally, [listening], on_stop=closing.set)
        return
    with ExitStack() as stack:
        main: list[Server] = []
        there = stack.enter_context(beside(pages, settings, tally, on_end=lambda: _end(main)))

        def stop() -> None:
            closing.set()
            there.stop()

        def made(server: Server) -> None:
            main.append(server)
            server.should_exit = there.has_ended

        serve(hooks.application(), settings, hooks.tally, on_stop=stop, on_made=made)


def _end(servers: Sequence[Server]) -> None:
    for one in servers:
        one.should_exit = True


def console_application(daemon: Daemon, closing: threading.Event, demo: DemoPlan | None = None) -> ASGIApp:
    """Nothing of the receiver is here, and nothing of this stands where hooks are taken."""
    return Starlette(
        routes=[
            Route("/healthz", healthz, methods=["GET"]),
            Mount("/", console.create(_console(daemon, demo, closing))),
        ]
    )


def _measured(daemon: Daemon, only: Only | None) -> AbstractContextManager[None]:
    """Beside the console, so that several receivers of one machine do not want the same port."""
    gathering = Gathering(daemon.db, daemon.connections, daemon.clock, channels(daemon.settings))
    port = 0 if only is Only.HOOKS else daemon.settings.metrics_port
    return listening(gathering, daemon.settings.metrics_host, port)


def _catch_up(daemon: Daemon) -> None:
    """Not worth refusing to start for: what was missed is found by the sender's own repeats, only later."""
    try:
        unheard.after_absence(daemon.db)
    except SyncdError as error:
        log.warning("reconcile.not_asked", error=str(error))


def receiving(daemon: Daemon) -> receiver.Receiver:
    parts = receiver.Parts(
        db=daemon.db,
        doors=daemon.connections,
        bell=daemon.bell,
        clock=daemon.clock,
        check=lambda: require_served(daemon.db),
        probe=lambda: _beat_once(daemon, ["receiver"]),
        max_bytes=daemon.settings.hook_max_bytes,
    )
    return receiver.Receiver(parts)


def _console(daemon: Daemon, demo: DemoPlan | None, closing: threading.Event) -> ConsoleParts:
    told_by = channels(daemon.settings)
    return ConsoleParts(
        database=daemon.db,
        cases=Cases(daemon.db, site=site(daemon.settings), ring=daemon.bell.ring),
        connections=daemon.connections,
        ring=daemon.bell.ring,
        clock=daemon.clock,
        api_token=daemon.settings.api_token.get_secret_value(),
        demo=demo,
        public_url=daemon.settings.public_url,
        channels=lambda: told_by,
        rules=daemon.settings.evidence,
        roster=daemon.settings.evidence_roster,
        prover=prover(daemon.db, daemon.settings),
        closing=closing,
    )


def _beat_once(daemon: Daemon, names: Sequence[str]) -> None:
    with daemon.db.write() as tx:
        for name in names:
            heartbeats.beat(tx, name, daemon.instance, daemon.db.now(tx))


def _say_goodbye(daemon: Daemon) -> None:
    try:
        with daemon.db.write() as tx:
            heartbeats.end(tx, daemon.instance, daemon.db.now(tx))
    except SyncdError as error:
        log.warning("heartbeat.left", error=str(error))
