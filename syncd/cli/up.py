"""`syncd up`: every part of the daemon under one parent, with the embedded store and broker unless the settings name others."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TextIO
from urllib.request import ProxyHandler, build_opener

from syncd.connections.master_key import open_vault
from syncd.core.deeds import OF_THE_MACHINE
from syncd.embedded import address
from syncd.embedded.folder import private_folder
from syncd.embedded.part import Part
from syncd.embedded.supervisor import Supervisor
from syncd.embedded.valkey import Valkey
from syncd.embedded.valkey import part as valkey_part
from syncd.errors import Misconfigured, SyncdError
from syncd.flow.catchup.restoring import restored
from syncd.flow.catchup.still_running import require_stopped
from syncd.logs import READ_BY_PEOPLE
from syncd.settings import Settings
from syncd.store import heartbeats
from syncd.store.database import Database
from syncd.store.folder import make_home
from syncd.store.schema import upgrade
from syncd.wiring import database, hooks_on_this_machine, on_this_machine

from .changing import deed_of, doing
from .chatter import worth_saying
from .only_one import only_one
from .own_token import own_token
from .ports import METRICS, Choice, require_apart, require_free
from .who import who

#: Celery's parent finishes what runs on SIGTERM and leaves it on SIGQUIT; what is left is looked for before it is repeated.
WORKER_STOP = ((signal.SIGTERM, 2.0), (signal.SIGQUIT, 3.3))
CONSOLE = Choice("up", "--console-port", "CONSOLE_PORT", host="--console-host or SYNCD_CONSOLE_HOST")
STOP_ORDER = (("beat", "web"), ("worker",), ("valkey",))
_NEARBY = build_opener(ProxyHandler({}))  # A proxy knows nothing of this machine's loopback.


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of one daemon, and where their children find what they need."""

    settings: Settings
    parts: tuple[Part, ...]
    token: str = field(repr=False)


@contextmanager
def planned(
    settings: Settings, *, env: Mapping[str, str] | None = None, web_env: Mapping[str, str] | None = None
) -> Iterator[Plan]:
    """`env` goes to every part, `web_env` to one. What the parts keep in temporary folders lives as long as this."""
    try:
        make_home(settings.home)
    except OSError as error:
        message = f"The folder {settings.home} cannot be made ({error.strerror}); name another by SYNCD_HOME."
        raise Misconfigured(message) from error
    token = settings.api_token.get_secret_value() or own_token(settings.home)
    with ExitStack() as stack:
        db = stack.enter_context(closing(database(settings)))
        upgrade(db)
        # Each part would say what is wrong with the keys, and the supervisor repeat it as that part's last words.
        open_vault(settings, db)
        env = {**(env or {}), **handed_on(settings), "SYNCD_API_TOKEN": token}
        folder = stack.enter_context(private_folder())
        parts: list[Part] = []
        if not settings.redis_url:
            valkey = Valkey(folder)
            parts.append(valkey_part(valkey))
            env["SYNCD_REDIS_URL"] = valkey.url
            stack.enter_context(address.told(settings.home, valkey.url))
        health = [f"{address}/healthz" for address in (hooks_on_this_machine(settings), on_this_machine(settings))]
        parts += [
            Part("web", command("web"), {**env, **(web_env or {})}, ready=lambda: all(map(answers, health))),
            Part(
                "worker",
                command("worker"),
                # Celery's pool makes a folder for itself, and leaves it behind when it is stopped hard.
                {**env, "TMPDIR": str(folder)},
                stop=WORKER_STOP,
                death_signal=signal.SIGKILL,
                ready=_has_beaten(db, "worker"),
            ),
            Part("beat", command("beat"), env),
        ]
        stack.callback(_sign_off_beat, db)
        yield Plan(settings, tuple(parts), token)


def command(*words: str) -> tuple[str, ...]:
    """This very program, whatever folder we stand in."""
    return (sys.executable, "-m", "syncd", *words)


def run(
    settings: Settings, config: Path | None, on_ready: Callable[[Plan], None], *, is_restored: bool = False
) -> signal.Signals:
    """Blocks until it is told to stop; the signal that did."""
    require_apart(settings.http_port, settings.console_port, CONSOLE)
    require_free(settings.http_host, settings.http_port, Choice("up", variable="PORT"))
    require_free(settings.console_host, settings.console_port, CONSOLE)
    if settings.metrics_port:
        require_free(settings.metrics_host, settings.metrics_port, METRICS)
    # Children read the same file, and stand in the same folder.
    env = {"SYNCD_CONFIG": str(config.absolute())} if config else {}
    if sys.stdout.isatty():
        env[READ_BY_PEOPLE] = "1"
    with only_one(settings.home), planned(settings, env=env) as plan:
        if is_restored:
            _say_restored(settings)
        return supervised(plan.parts, STOP_ORDER, lambda: on_ready(plan))


def _say_restored(settings: Settings) -> None:
    """Before any part runs: its first sign of life would hide when the backup was made."""
    with doing(settings, deed_of("up", OF_THE_MACHINE, {"after_restore": True})), closing(database(settings)) as db:
        require_stopped(db, time.sleep)
        sys.stderr.write(restored(db, by=who(None)).told + "\n")


def supervised(parts: Sequence[Part], order: Sequence[Sequence[str]], on_ready: Callable[[], None]) -> signal.Signals:
    return supervisor(parts, order, sys.stdout).run(on_ready)


def supervisor(parts: Sequence[Part], order: Sequence[Sequence[str]], out: TextIO) -> Supervisor:
    """What its parts say that is worth a line goes to `out`."""
    names = [one.name for one in parts]
    width = max(map(len, names))
    there = tuple(tuple(name for name in group if name in names) for group in order)

    def say(name: str, line: str) -> None:
        if worth_saying(name, line):
            out.write(f"{name:<{width}} | {line}\n")
            out.flush()

    return Supervisor(parts, stop_order=tuple(filter(None, there)), say=say)


def handed_on(settings: Settings) -> dict[str, str]:
    """Children read the same file, secrets and environment; what they could not find there is handed on."""
    env = {"SYNCD_HOME": str(settings.home)}
    for name, origin in settings.origins().items():
        is_found_nowhere = origin.startswith("--") or (origin == "default" and name in settings.model_fields_set)
        if is_found_nowhere and name not in {"home", "api_token", "master_keys"}:
            env[f"SYNCD_{name.upper()}"] = str(getattr(settings, name))
    return env


def _sign_off_beat(db: Database) -> None:
    """Its signs of life come from workers, so that it cannot say itself that it stops."""
    with suppress(SyncdError), db.write() as tx:  # It is missed all the same, a minute later.
        heartbeats.end(tx, heartbeats.BEAT, db.now(tx))


def _has_beaten(db: Database, part: str) -> Callable[[], bool]:
    """Whether this part has said since now that it is there."""
    with db.read() as tx:
        since = db.now(tx)

    def asked() -> bool:
        with db.read() as tx:
            return any(one.part == part and one.at >= since for one in heartbeats.latest(tx))

    return asked


def answers(url: str) -> bool:
    try:
        with _NEARBY.open(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
