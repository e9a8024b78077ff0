"""Where the parts of one process are put together. Doors call this, after the fork; nothing below may import it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from syncd.clock import Clock
from syncd.errors import Unavailable
from syncd.settings import Settings
from syncd.store.database import Database
from syncd.tracing import spans

if TYPE_CHECKING:
    from syncd.budget.port import Budget
    from syncd.connections.open import Connections
    from syncd.connections.tolls import Tolls
    from syncd.connections.vault import Vault
    from syncd.core.why.proving import Prover
    from syncd.evidence.collecting.catalogue import Wants
    from syncd.evidence.collecting.worker import Worker
    from syncd.flow.crew import Crew, Limits
    from syncd.flow.retention.pruning import Policy
    from syncd.queue import Bell, NoBell
    from syncd.systems.channels.port import Channel

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Daemon:
    settings: Settings
    clock: Clock
    db: Database
    vault: Vault
    connections: Connections
    bell: Bell | NoBell
    instance: str  # this process, among others of its part

    def crew(self) -> Crew:
        from syncd.flow.crew import Crew

        return Crew(self.db, self.connections, self.clock, limits(self.settings), self.bell.clear)

    def close(self) -> None:
        self.bell.close()
        self.connections.tolls.close()
        self.db.close()
        spans.end()


def start(settings: Settings, clock: Clock | None = None) -> Daemon:
    """Refuses to start on a schema that is not this release's, or with keys that cannot open what is sealed."""
    from syncd.connections.master_key import open_vault
    from syncd.connections.open import Connections
    from syncd.connections.tolls import Tolls
    from syncd.queue import bell
    from syncd.store.folder import others_may_write
    from syncd.store.schema import require_current

    clock = clock or Clock()
    with ExitStack() as undo:
        # A worker that waits for its database tries again and again, and must not leave a handle behind each time.
        db = database(settings, clock)
        undo.callback(db.close)
        require_current(db)
        vault = open_vault(settings, db)
        if shared := others_may_write(settings.home):
            log.warning("home.shared", why=shared)
        tolls = Tolls(_budget(settings, clock), settings.pagerduty_requests, settings.service_key_events)
        connections = Connections(db, vault, clock, tolls, settings.outgoing())
        untold = spans.begin()
        if untold:
            log.warning("spans.left_out", why=untold)
        made = Daemon(settings, clock, db, vault, connections, bell(settings), f"{socket.gethostname()}:{os.getpid()}")
        undo.pop_all()
    return made


@contextmanager
def tolls_of_a_command(settings: Settings) -> Iterator[Tolls]:
    """A command that lives for seconds pays from the same budget as the workers beside it."""
    from syncd.budget.fallback import budget_of_a_command
    from syncd.connections.tolls import Tolls

    budget = budget_of_a_command(settings.redis_py_url(), settings.redis_key_prefix, Clock())
    tolls = Tolls(budget, settings.pagerduty_requests, settings.service_key_events)
    try:
        yield tolls
    finally:
        tolls.close()


def _budget(settings: Settings, clock: Clock) -> Budget:
    """Where Redis is away, each process spends its share: of those that one `syncd worker` here has, unless told better."""
    from syncd.budget.fallback import budget

    processes = settings.budget_processes or settings.worker_processes
    return budget(settings.redis_py_url(), settings.redis_key_prefix, processes, clock)


def database(settings: Settings, clock: Clock | None = None, *, within: int = 5) -> Database:
    """`within` so many seconds a server must take a connection."""
    try:
        return Database(settings.sql_url(), clock or Clock(), pool_size=settings.worker_threads + 2, within=within)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        message = (
            f"The database cannot be used ({why}); correct SYNCD_HOME or SYNCD_DATABASE_URL, or its folder's rights."
        )
        raise Unavailable(message) from error


def site(settings: Settings) -> str:
    """The address people reach the console under."""
    return settings.site_told() or on_this_machine(settings)


def on_this_machine(settings: Settings) -> str:
    """The address programs beside this daemon reach its API under."""
    return _nearby(settings.console_host, settings.console_port)


def hooks_on_this_machine(settings: Settings) -> str:
    return _nearby(settings.http_host, settings.http_port)


def _nearby(host: str, port: int) -> str:
    """One that listens everywhere is reached on loopback."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is left, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def channels(settings: Settings) -> dict[str, Channel]:
    """Those that are set, by their names.

    One that cannot be made stops nothing: nobody is to be without sync because an address for notices was mistyped. Settings
    refuse the database's and Redis' own, since nothing runs without them.
    """
    from syncd.systems.channels.registry import Wanted, channels

    wanted = Wanted(
        settings.notify_webhook_url.get_secret_value(),
        settings.notify_webhook_secret.get_secret_value(),
        settings.notify_slack_url.get_secret_value(),
        settings.notify_smtp_url.get_secret_value(),
        settings.notify_mail_from,
        tuple(filter(None, map(str.strip, settings.notify_mail_to.split(",")))),
    )
    return {one.name: one for one in channels(wanted, settings.outgoing())}


def prover(db: Database, settings: Settings) -> Prover:
    """What evidence knows, for whoever asks why."""
    from syncd.evidence.kept import facts_of
    from syncd.evidence.why.asking import Asking

    return Asking(db, facts_of, settings.evidence)


def limits(settings: Settings) -> Limits:
    from syncd.flow.crew import Limits
    from syncd.flow.turn import Most

    return Limits(
        lanes=settings.worker_threads,
        overtaking=timedelta(minutes=settings.unlinked_minutes),
        most=Most(settings.loop_changes, settings.loop_notes),
    )


def collecting(daemon: Daemon, wait: Callable[[float], bool]) -> Worker:
    """Who collects evidence in this process."""
    from syncd.evidence.collecting.worker import Worker

    judged = judging(daemon.db, daemon.settings, daemon.bell.ring)
    return Worker(daemon.db, daemon.connections, daemon.clock, wait, collected(daemon.settings), judged)


def judging(db: Database, settings: Settings, ring: Callable[[Sequence[int]], object]) -> Callable[[str], None]:
    """Whoever has collected from an account has it judged by what is known then, and findings have their cases. `ring`: for those."""
    from syncd.evidence.casework.after import Casework
    from syncd.evidence.judged import judge_collected
    from syncd.evidence.known import Kept
    from syncd.store.cases import Cases

    casework = Casework(db, Cases(db, site=site(settings), ring=ring), settings.evidence)
    return partial(judge_collected, db, Kept(), settings.evidence, follow=casework.after)


def collected(settings: Settings) -> Wants:
    from syncd.evidence.collecting.catalogue import Wants

    return Wants(strategy=settings.evidence_log_strategy, roster=settings.evidence_roster)


def policy(settings: Settings) -> Policy:
    from syncd.flow.retention.pruning import Policy
    from syncd.store.retention import Kept

    asked = {
        Kept.BODIES: settings.keep_hook_bodies_days,
        Kept.HOOKS: settings.keep_hooks_days,
        Kept.DELIVERIES: settings.keep_deliveries_days,
        Kept.NOTICES: settings.keep_deliveries_days,
        Kept.ACTIONS: settings.keep_deliveries_days,
    }
    return Policy({kept: timedelta(days=days) for kept, days in asked.items() if days != "forever"})
