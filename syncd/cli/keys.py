"""`syncd keys ...`: the master keys that seal every credential here. No part of one is ever shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption
from .reach import OutputOption

if TYPE_CHECKING:
    from syncd.connections.vault import Vault
    from syncd.settings import Settings
    from syncd.store.database import Database

app = typer.Typer(
    help="The master keys that seal every credential, and exchanging them.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_keys(output: OutputOption = None, config: ConfigOption = None) -> None:
    """Every key by its id: which one seals, and how many values each one opens."""
    from syncd.connections.resealing import listing

    from .output import show

    with _opened(config) as (_, db, vault):
        show([asdict(one) for one in listing(db, vault)], output)


@app.command()
def rotate(output: OutputOption = None, config: ConfigOption = None) -> None:
    """Seal everything with a new key while the daemon runs. Once interrupted it goes on where it stopped.

    Where the keys come from the settings, put the new one before the others there first, and start every part anew.
    """
    from syncd.connections.resealing import rotate as exchange

    from .output import show_one

    with _opened(config) as (settings, db, vault):
        done = exchange(settings, db, vault, _tell)
    if output is not None:
        show_one(asdict(done), output)
    else:
        say(f"{done.done} values were sealed anew; {done.key_id} seals from now on.")
        for one in done.needless:
            say(
                f"Nothing here needs {one} any more; backups from before do. `syncd keys remove {one}` takes it out of our "
                "own file; where the settings have it, take it out there and start every part anew."
            )
    for fault in done.faults:
        say(f"! {fault}", err=True)
    raise typer.Exit(1 if done.faults else 0)


@app.command()
def remove(
    key_id: Annotated[str, typer.Argument(help="Its id; `syncd keys list` shows them.")], config: ConfigOption = None
) -> None:
    """Take a key that nothing needs out of our own file. A backup that was sealed with it cannot be opened then."""
    from syncd.connections.resealing import remove as take_out

    with _opened(config) as (settings, db, vault):
        take_out(settings, db, vault, key_id)
    say(f"Master key {key_id} is gone.")


def _tell(done: int, total: int) -> None:
    say(f"{done} of {total} sealed anew", err=True)


@contextmanager
def _opened(config: Path | None) -> Iterator[tuple[Settings, Database, Vault]]:
    from syncd.configuration import load
    from syncd.connections.master_key import open_vault

    from .existing import existing_database

    settings = load(config)
    with existing_database(settings) as db:
        yield settings, db, open_vault(settings, db)
