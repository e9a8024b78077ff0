"""The address of the broker of `syncd up`: told while it runs, by one that was killed no more, and for its owner alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from syncd.embedded.address import FILE, found, told

_ROOT = Path(__file__).parents[2]
_OWNER = """
import signal, sys
from pathlib import Path
from syncd.embedded.address import told
with told(Path(sys.argv[1]), "unix:///nearby/vk.sock"):
    print("told", flush=True)
    signal.pause()
"""


def test_it_is_found_while_it_is_told_and_not_afterwards(tmp_path: Path) -> None:
    assert found(tmp_path) == ""
    for url in ("unix:///a/long/way/to/vk.sock", "unix:///b.sock"):
        with told(tmp_path, url):
            assert found(tmp_path) == url
            assert found(tmp_path) == url, "asking changes nothing"
            assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
        assert found(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_daemon_has_left_is_not_believed_and_written_over(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(_ROOT)}) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "told\n"
        assert found(tmp_path) == "unix:///nearby/vk.sock"
        owner.kill()
        owner.wait()
    assert (tmp_path / FILE).exists()
    assert found(tmp_path) == ""
    with told(tmp_path, "unix:///b.sock"):
        assert found(tmp_path) == "unix:///b.sock"


def test_a_home_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert found(tmp_path / "nowhere") == ""
