"""The private folder: for its owner alone, short, gone afterwards; what a killed owner left is cleared by the next."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.embedded.folder import private_folder

_ROOT = Path(__file__).parents[2]
_OWNER = """
import signal
from syncd.embedded.folder import private_folder
with private_folder() as folder:
    print(folder, flush=True)
    signal.pause()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory of this test's own, short enough to be taken."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield Path(short)


def test_it_is_private_and_gone_afterwards(place: Path) -> None:
    with private_folder() as folder:
        assert folder.parent == place
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "something").write_text("x", encoding="utf-8")
    assert list(place.iterdir()) == []


def test_a_socket_in_it_has_a_short_enough_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with private_folder() as folder:
        assert len(str(folder / "vk.sock")) < 107


def test_a_killed_owners_folder_is_cleared_and_a_living_ones_is_not(place: Path) -> None:
    def owner() -> subprocess.Popen[str]:
        environment = {"TMPDIR": str(place), "PYTHONPATH": str(_ROOT)}
        return subprocess.Popen([sys.executable, "-c", _OWNER], stdout=subprocess.PIPE, text=True, env=environment)

    with owner() as dead, owner() as living:
        assert dead.stdout is not None
        assert living.stdout is not None
        abandoned, kept = Path(dead.stdout.readline().strip()), Path(living.stdout.readline().strip())
        dead.kill()
        dead.wait()
        with private_folder():
            assert not abandoned.exists()
            assert kept.exists()
        living.kill()


def test_what_was_not_made_by_us_is_left_alone(place: Path) -> None:
    other = place / "syncd-notes"
    other.mkdir()
    with private_folder():
        pass
    assert other.exists()
