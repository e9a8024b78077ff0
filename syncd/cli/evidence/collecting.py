"""`syncd evidence collect`: what is to be known of an account is collected now, and how far that is is shown."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who

from .group import Name, evidence
from .waiting import Hindered, Progress, missing_of, tell_what_stays

if TYPE_CHECKING:
    from syncd.evidence.collecting.worker import Worker
    from syncd.evidence.facts.dataset import Name as Dataset
    from syncd.settings import Settings
    from syncd.store.database import Database
    from syncd.store.evidence.collections import Collection

_LOOK_EVERY = 0.5
_ENDS_WITHIN = 35.0  # one request that is out
_COLUMNS = ("dataset", "state", "requests", "records", "logs")
_GOES_ON = "It goes on where it stopped: by the daemon's workers, or by the same command."


@evidence.command()
def collect(
    name: Name = "",
    dataset: Annotated[list[str] | None, typer.Option(help="Only this one; may be given several times.")] = None,
    since: Annotated[
        str,
        typer.Option(help="Incidents and the audit trail from this moment on: 90d, 2026-01-01. The rest has no past."),
    ] = "",
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Collect everything of an account now, or some of it. Workers beside it do their part; Ctrl-C leaves it to them.

    With --server its workers do it, and nobody waits here: `syncd evidence status` shows how far it is.
    """
    from syncd.cli.output import form_of, show
    from syncd.cli.span import moment_of
    from syncd.configuration import load
    from syncd.evidence.collecting import due

    from .account import chosen

    form_of(output)
    wanted = [_named(one) for one in dataset or ()]
    if server:
        _ask_far(server, name, wanted, since, who(by), output)
        return
    settings = load(config)
    ended = threading.Event()
    with _worker(config, settings, ended) as (worker, hindered):
        slug = chosen(worker.db, name)
        _ask_again_where_refused(worker, slug)
        with worker.db.read() as tx:
            from_then = moment_of(since, worker.db.now(tx)) if since else None
        numbers = due.ask(worker.db, slug, wanted, since=from_then, by=who(by), roster=settings.evidence_roster)
        found = _collected(worker, hindered, slug, numbers, ended)
        hindrance = hindered.told_of(found, slug)
    show([_told(one) for one in found], output, columns=_COLUMNS, below="missing")
    if hindrance is not None:
        tell_what_stays()
        raise hindrance


def _ask_far(server: str, name: str, wanted: Sequence[str], since: str, by: str, output: str | None) -> None:
    from datetime import UTC, datetime

    from syncd.cli.output import tell
    from syncd.cli.span import moment_of

    from .elsewhere import there

    from_then = {"since": moment_of(since, datetime.now(UTC)).isoformat()} if since else {}
    with there(server) as far:
        tell(far.collect(name, {"datasets": list(wanted), "by": by, **from_then}), output)


def _named(dataset: str) -> Dataset:
    from syncd.errors import Misconfigured
    from syncd.evidence.facts.dataset import Name as Dataset

    try:
        return Dataset(dataset.strip().lower())
    except ValueError:
        message = f"There is no dataset {dataset}; there are {', '.join(Dataset)}."
        raise Misconfigured(message) from None


@contextmanager
def _worker(config: Path | None, settings: Settings, ended: threading.Event) -> Iterator[tuple[Worker, Hindered]]:
    from syncd.cli.joining import joining
    from syncd.connections.open import Connections
    from syncd.evidence.collecting.worker import Worker
    from syncd.wiring import collected, judging

    with joining(config) as setup:
        connections = Connections(setup.db, setup.vault, setup.clock, setup.tolls, setup.outgoing)
        judged = judging(setup.db, settings, _nobody)
        hindered = Hindered(setup.db, connections, setup.clock)
        wants = collected(settings)
        yield (
            Worker(setup.db, connections, setup.clock, ended.wait, wants, judged, refused=hindered.by),
            hindered,
        )


def _nobody(_: Sequence[int]) -> None:
    """Is rung: the sweep finds the case of a finding."""


def _ask_again_where_refused(worker: Worker, slug: str) -> None:
    """Its credential may be another one by now, or be accepted again: a daemon would ask, and there may be none."""
    from syncd.evidence.collecting.due import why_not
    from syncd.flow import accounts
    from syncd.store import integrations

    with worker.db.read() as tx:
        account = integrations.get(tx, slug)
    if account is not None and why_not(account) and not account.is_paused:
        accounts.ask_again(worker.db, worker.connections, worker.clock, account)


def _collected(
    worker: Worker, hindered: Hindered, slug: str, numbers: Sequence[int], ended: threading.Event
) -> list[Collection]:
    """In a thread, so that it can be watched, and left; and no longer than waiting helps."""
    failed: list[Exception] = []
    thread = threading.Thread(target=_work, args=(worker, numbers, ended, failed), name="evidence", daemon=True)
    thread.start()
    progress = Progress(sys.stderr.isatty())
    try:
        found = _found(worker.db, numbers)
        while any(one.state != "done" for one in found) and not failed and hindered.told_of(found, slug) is None:
            progress.tell(found)
            ended.wait(_LOOK_EVERY)
            found = _found(worker.db, numbers)
    except KeyboardInterrupt:
        ended.set()
        thread.join(_ENDS_WITHIN)
        say(f"\n{_GOES_ON}", err=True)
        raise typer.Exit(130) from None
    ended.set()
    thread.join(_ENDS_WITHIN)
    if failed:
        raise failed[0]
    progress.tell(found)
    return found


def _work(worker: Worker, numbers: Sequence[int], ended: threading.Event, failed: list[Exception]) -> None:
    """What others have taken up, or what waits, is looked at again."""
    from syncd.evidence.collecting import collector

    try:
        while not ended.is_set():
            if not collector.work(worker, numbers):
                ended.wait(_LOOK_EVERY)
    except Exception as error:  # noqa: BLE001  whoever waits for it tells it
        failed.append(error)


def _found(db: Database, numbers: Sequence[int]) -> list[Collection]:
    from syncd.store.evidence import collections

    with db.read() as tx:
        return [one for number in numbers if (one := collections.get(tx, number)) is not None]


def _told(one: Collection) -> dict[str, Any]:
    return {
        "dataset": one.dataset,
        "state": one.state,
        "begun_at": one.begun_at,
        "ended_at": one.ended_at,
        "requests": one.requests,
        "records": one.records,
        "logs": one.settings.get("logs", ""),
        "missing": missing_of(one),
    }
