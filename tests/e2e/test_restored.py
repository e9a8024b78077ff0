"""A database put back to its backup under real processes: what was done since stands on both sides, and is not done again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.e2e.fleet import DESK, Fleet
from tests.e2e.program import ROOT, Program, syncd
from tests.e2e.scene import Scene
from tests.e2e.sites import embedded
from tests.e2e.waiting import until

_FAR = {"pagerduty", "desk"}
_RESTORED_WITHIN = 90.0  # seconds; what was under way has 46 of them to land


def _ours(fleet: Fleet) -> Sequence[Program]:
    return [one for one in fleet.programs if one.name not in _FAR]


def _opened(fleet: Fleet, title: str) -> Scene:
    scene = Scene(fleet, fleet.cases(DESK), fleet.people, title)
    scene.open()
    return scene


def _say_restored(fleet: Fleet) -> str:
    env = {**fleet.env, "PATH": os.environ["PATH"], "HOME": str(fleet.folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        syncd("restored", "--by", "Ana"), check=False, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_was_done_since_the_backup_is_not_done_again(tmp_path: Path) -> None:
    with embedded(tmp_path) as fleet:
        old = _opened(fleet, "Old")
        fleet.await_quiet()
        with (
            closing(sqlite3.connect(tmp_path / "syncd.db")) as source,
            closing(sqlite3.connect(tmp_path / "copy")) as to,
        ):
            source.backup(to)
        lost = _opened(fleet, "Lost")
        for scene in (old, lost):
            scene.on_case("comments", text=f"Said on the case since, {scene.title}")
            scene.on_incident("note", text=f"Said on the incident since, {scene.title}")
        lost.on_incident("acknowledge")
        fleet.await_quiet()
        before = [sorted(scene.notes() + scene.told()) for scene in (old, lost)]
        for program in reversed(_ours(fleet)):
            program.stop()
        old.on_case("comments", text="Said while nobody listened")
        fleet.desk_peer.turn(drop_percent=100)
        fleet.db.engine.dispose()  # Its connections would go on reading the file that is gone.
        for name in ("syncd.db", "syncd.db-wal", "syncd.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        shutil.copyfile(tmp_path / "copy", tmp_path / "syncd.db")
        assert "is read from" in _say_restored(fleet)
        fleet.start_all()
        until(lambda: any("nobody listened" in one for one in old.notes()), "what was missed is told", _RESTORED_WITHIN)
        fleet.await_quiet(_RESTORED_WITHIN)
        after = [sorted(scene.notes() + scene.told()) for scene in (old, lost)]
        assert after[1] == before[1]
        assert [one for one in after[0] if "nobody listened" not in one] == before[0]
        assert len([one for one in after[0] if "nobody listened" in one]) == 1
        lost.until_case(status="acknowledged")
