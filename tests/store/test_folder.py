"""The folder of the keys is its owner's alone, whatever umask it is made with; one that others may write to is told."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.cli.only_one import only_one
from syncd.clock import Clock
from syncd.connections.master_key import open_vault
from syncd.settings import Settings
from syncd.store.database import Database
from syncd.store.folder import others_may_write
from syncd.store.tables import metadata
from syncd.store.writer_queue import WriterQueue


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _by_its_lock(home: Path) -> None:
    with only_one(home):
        pass


def _by_its_key(home: Path) -> None:
    db = Database(f"sqlite:///{home.parents[1]}/other.db", Clock())
    metadata.create_all(db.engine)
    open_vault(Settings(home=home), db)
    db.close()


def _by_its_database(home: Path) -> None:
    WriterQueue(home / "syncd.db.lock").close()


@pytest.mark.usefixtures("no_umask")
@pytest.mark.parametrize("make", [_by_its_lock, _by_its_key, _by_its_database])
def test_whoever_makes_it_makes_it_for_its_owner_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    home = tmp_path / "above" / "home"
    make(home)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (home, home.parent)] == [0o700, 0o700]


@pytest.mark.parametrize(("rights", "is_told"), [(0o700, False), (0o755, False), (0o770, True), (0o702, True)])
def test_one_that_others_may_write_to_is_told(tmp_path: Path, rights: int, *, is_told: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(rights)
    said = others_may_write(home)
    assert bool(said) is is_told
    assert not said or f"chmod go-w {home}" in said
    assert others_may_write(tmp_path / "nowhere") == ""
