"""`syncd doctor`: one line for each thing that is checked, and what helps where it is not as it should be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption

if TYPE_CHECKING:
    from syncd.connections.vault import Vault
    from syncd.core.checked import Checked
    from syncd.settings import Settings
    from syncd.store.database import Database

_WRITE = "Try a write as well: a change to an incident that nobody has, which changes nothing."
_ALL = "Ask PagerDuty also for what nothing here uses; that is told and is never a failure."


@dataclass(frozen=True, slots=True)
class Wide:
    """What is asked besides the usual."""

    is_all: bool = False
    may_write: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """What there is of the two, and why not."""

    db: Database | None
    vault: Vault | None
    why: str


def doctor(
    integration: Annotated[str, typer.Argument(help="Only this account; without one, everything.")] = "",
    is_all: Annotated[bool, typer.Option("--all", help=_ALL)] = False,
    may_write: Annotated[bool, typer.Option("--write-probe", help=_WRITE)] = False,
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
    is_json: Annotated[bool, typer.Option("--json", help="The same as -o json.")] = False,
    config: ConfigOption = None,
) -> None:
    """Check the daemon and its accounts; without --write-probe nothing is written to PagerDuty. Exit 1 when something fails.

    Each line is ok, warn or FAIL, what was checked, what was found, and what helps, with a code for `syncd explain`.
    """
    from syncd.console.v1.checks import shown

    from .output import is_for_people, show

    output = "json" if is_json else output
    for_people = is_for_people(output)
    lines = list(_said(checks(config, integration, Wide(is_all, may_write)), is_shown=for_people))
    if not for_people:
        show([shown(one) for one in lines], output)
    raise typer.Exit(1 if any(one.mark == "FAIL" for one in lines) else 0)


def _said(lines: Iterable[Checked], *, is_shown: bool) -> Iterator[Checked]:
    """A line is printed as soon as it is known: some far sides take their time."""
    from syncd.core.harmless import printable

    for one in lines:
        if is_shown:
            say(printable(line(one)))
        yield one


def line(one: Checked) -> str:
    what = f"{one.integration}: {one.check}" if one.integration else one.check
    cure = f"  → {one.cure}" if one.cure and one.mark != "ok" else ""
    code = f"  [{one.code}]" if one.code else ""
    state = f"{one.state}: " if one.mark == "ok" and one.state != "ok" else ""
    return f"{one.mark:<4}  {what}  {state}{one.finding}{cure}{code}"


def checks(config: Path | None, slug: str, wide: Wide) -> Iterator[Checked]:
    from syncd.configuration import load
    from syncd.core.checked import failed, fine
    from syncd.errors import SyncdError
    from syncd.flow.doctor import machine
    from syncd.flow.doctor.surviving import survived
    from syncd.wiring import channels

    try:
        settings = load(config)
    except SyncdError as error:
        yield failed("config", "SYN-CONFIG", str(error))
        return
    settings, is_embedded = _with_broker(settings)
    with _opened(settings) as opened:
        if not slug:
            yield fine("config", "Every setting can be used.")
        # Before all else: what is found besides may only follow from it.
        trouble = list(survived("database", lambda: _database(opened.db, opened.why)))
        yield from (one for one in trouble if one.mark != "ok" or not slug)
        if not slug:
            yield from survived("home", lambda: machine.home(settings))
            yield from survived("broker", lambda: machine.broker(settings, is_embedded=is_embedded), code="SYN-BROKER")
            yield from survived("public URL", lambda: machine.public_url(settings))
            yield from survived("channel", lambda: machine.channels(channels(settings)))
        if opened.db is not None:
            yield from _besides(settings, opened.db, opened, slug, wide)


def _with_broker(settings: Settings) -> tuple[Settings, bool]:
    """With the one that `syncd up` brought, where none is named and it runs; and whether it is that one."""
    from syncd.embedded.address import found

    url = "" if settings.redis_url else found(settings.home)
    return (settings.model_copy(update={"redis_url": url}), True) if url else (settings, False)


def _database(db: Database | None, why: str) -> Iterator[Checked]:
    from syncd.core.checked import failed, fine
    from syncd.flow.status import writing

    if db is None:
        yield failed("database", "SYN-DATABASE", why)
    elif (trouble := writing.tried(db)) is not None:
        yield failed("database", writing.code(trouble), writing.told(trouble))
    else:
        yield fine("database", "It answers, takes writes, and has this release's schema.")


def _besides(settings: Settings, db: Database, opened: Opened, slug: str, wide: Wide) -> Iterator[Checked]:
    from syncd.core.checked import Checked, failed
    from syncd.core.judging import State
    from syncd.flow.doctor import daemon
    from syncd.flow.doctor.surviving import survived

    vault = opened.vault
    if not slug:
        yield from survived("parts", lambda: daemon.parts(db))
        yield from survived("outgoing", lambda: daemon.off_limits(db))
    if vault is None:
        yield failed("secrets", "SYN-SECRETS", opened.why)
        return
    if not slug:
        yield from survived("secrets", lambda: daemon.secrets(db, vault))
    if db.trouble is not None:
        said = "It was not asked, since what an account answers has to be stored, and the database takes no writes."
        yield Checked("accounts", State.UNKNOWN, said, integration=slug)
        return
    yield from _of_accounts(settings, db, vault, slug, wide)


def _of_accounts(settings: Settings, db: Database, vault: Vault, slug: str, wide: Wide) -> Iterator[Checked]:
    from syncd.connections.open import Connections
    from syncd.flow.doctor.accounts import Surgery
    from syncd.wiring import tolls_of_a_command

    with _written_down(settings, slug, wide), tolls_of_a_command(settings) as tolls:
        connections = Connections(db, vault, db.clock, tolls, settings.outgoing())
        url = settings.public_url
        yield from Surgery(db, connections, db.clock, url, wide.is_all, _tell, wide.may_write).look_at(slug)


def _written_down(settings: Settings, slug: str, wide: Wide) -> AbstractContextManager[None]:
    """What is written at PagerDuty stands in the action log. Not the whole command: it has to tell of a database that is not there."""
    from syncd.core.permissions import Action

    from .changing import deed_of, doing

    if not wide.may_write:
        return nullcontext()
    return doing(settings, deed_of("doctor --write-probe", Action.SYNC_OPERATE, {"integration": slug}))


@contextmanager
def _opened(settings: Settings) -> Iterator[Opened]:
    from syncd.connections.master_key import looked_at
    from syncd.connections.vault import Vault, generate_key
    from syncd.errors import SyncdError

    from .existing import existing_database

    with ExitStack() as opened:
        try:
            db = opened.enter_context(existing_database(settings))
        except SyncdError as error:
            yield Opened(None, None, str(error))
            return
        try:
            # None is made here: where nothing is sealed, one of no use does.
            vault, why = looked_at(settings, db) or Vault(generate_key()), ""
        except SyncdError as error:
            vault, why = None, str(error)
        yield Opened(db, vault, why)


def _tell(slug: str) -> None:
    if sys.stderr.isatty():
        say(f"Asking {slug} ...", err=True)
