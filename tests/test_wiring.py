"""How the parts of a process are joined, and that nothing is joined, or left open, where something is not as it must be."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from syncd.clock import StoppedClock
from syncd.connections.joining.accounts import check
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.setup import Setup
from syncd.errors import Misconfigured, Unavailable
from syncd.flow.turn import Most
from syncd.queue import Bell, NoBell
from syncd.settings import Settings
from syncd.store.retention import Kept
from syncd.wiring import database, hooks_on_this_machine, limits, on_this_machine, policy, site, start
from tests.flow.world import NOON
from tests.parts.database import migrate
from tests.parts.ports import free_port
from workers.run import worker

ROOT = Path(__file__).parents[1]


def key(letter: str) -> str:
    return f"{letter}:{base64.b64encode(letter.encode() * 32).decode()}"


@pytest.fixture
def home(tmp_path: Path, migrated_file: Path) -> Path:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    return tmp_path


def test_a_daemon_is_joined_from_its_settings(home: Path) -> None:
    clock = StoppedClock(NOON)
    settings = Settings(home=home, worker_threads=3, unlinked_minutes=7, loop_changes=5, loop_notes=6)
    with closing(start(settings, clock)) as daemon:
        assert daemon.clock is daemon.db.clock is clock
        assert isinstance(daemon.bell, NoBell)
        assert daemon.instance.endswith(f":{os.getpid()}")
        assert (home / "master.key").exists()
        crew = daemon.crew()
        crew.close(0)
    made = limits(settings)
    assert (made.lanes, made.overtaking.total_seconds()) == (3, 420)
    assert made.most == Most(changes=5, notes=6)


def test_with_a_broker_there_is_a_bell(home: Path, redis_url: str) -> None:
    with closing(start(Settings(home=home, redis_url=redis_url))) as daemon:
        assert isinstance(daemon.bell, Bell)


def test_a_daemon_shows_no_secret(home: Path) -> None:
    settings = Settings(
        home=home, api_token=SecretStr("very-secret"), master_keys=SecretStr(key("a")), redis_url="redis://:pw@h/0"
    )
    with closing(start(settings)) as daemon:
        for secret in ("very-secret", key("a"), "pw@h"):
            assert secret not in repr(daemon)


@pytest.mark.parametrize(
    ("breaking", "says"),
    [
        ("DROP TABLE alembic_version", "no schema yet"),
        ("UPDATE alembic_version SET version_num = '9999'", "a newer syncd has upgraded it"),
    ],
)
def test_another_schema_is_refused_and_nothing_stays_open(home: Path, breaking: str, says: str) -> None:
    settings = Settings(home=home)
    with closing(database(settings)) as db, db.write() as tx:
        tx.execute(text(breaking))
    before = open_files()
    for _ in range(5):
        with pytest.raises(Misconfigured, match=says):
            start(settings)
    assert open_files() == before


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="correct SYNCD_HOME or SYNCD_DATABASE_URL"):
        start(Settings(home=tmp_path / "file" / "below"))


def test_a_foreign_key_is_refused_on_postgresql_by_daemon_and_worker(
    tmp_path: Path, database: Callable[..., str]
) -> None:
    """`database` makes an empty one on the server."""
    url = database(migrate)

    def settings(*letters: str) -> Settings:
        keys = SecretStr(",".join(key(one) for one in letters))
        return Settings(home=tmp_path, database_url=url, master_keys=keys, redis_url="redis://127.0.0.1:1/0")

    with closing(start(settings("a"))) as daemon:
        ensure_builtin(daemon.db, "http://syncd.test")
        daemon.vault.seal("p", {"x": "y"})
    for begin in (start, worker):
        with pytest.raises(Misconfigured, match="sealed with master key a, and the keys here are b;"):
            begin(settings("b"))
        with pytest.raises(Misconfigured, match="No master key is set and this database is sealed with master key a"):
            begin(Settings(home=tmp_path, database_url=url, redis_url="redis://127.0.0.1:1/0"))
    with closing(start(settings("b", "a"))) as rotated:
        assert rotated.vault.key_ids == ("b", "a")
        assert check(Setup(rotated.db, rotated.vault, rotated.clock), "cases") == {"credential": "none is needed"}


def test_a_worker_without_its_database_is_told_so_at_once(tmp_path: Path) -> None:
    away = f"postgresql+psycopg://127.0.0.1:{free_port()}/none"
    with pytest.raises(Unavailable, match="The database cannot be used"):
        worker(Settings(home=tmp_path, database_url=away, redis_url="redis://127.0.0.1:1/0"))


@pytest.mark.parametrize(
    ("changed", "people", "programs"),
    [
        ({}, "http://127.0.0.1:8082", "http://127.0.0.1:8082"),
        ({"console_host": "0.0.0.0"}, "http://127.0.0.1:8082", "http://127.0.0.1:8082"),
        ({"console_host": "::"}, "http://[::1]:8082", "http://[::1]:8082"),
        ({"console_host": "10.1.2.3", "console_port": 90}, "http://10.1.2.3:90", "http://10.1.2.3:90"),
        ({"http_host": "10.1.2.3", "http_port": 90}, "http://127.0.0.1:8082", "http://127.0.0.1:8082"),
        ({"public_url": "https://syncd.test/"}, "https://syncd.test", "http://127.0.0.1:8082"),
        # The port of the hooks itself, with nothing before it: no page is there.
        ({"public_url": "http://127.0.0.1:8080"}, "http://127.0.0.1:8082", "http://127.0.0.1:8082"),
        (
            {"public_url": "https://hooks.test", "console_url": "https://in.test/"},
            "https://in.test",
            "http://127.0.0.1:8082",
        ),
    ],
)
def test_where_the_daemon_is_reached(changed: dict[str, object], people: str, programs: str) -> None:
    settings = Settings.model_validate({"home": "/nonexistent", **changed})
    assert (site(settings), on_this_machine(settings)) == (people, programs)
    assert hooks_on_this_machine(settings) == f"http://{settings.http_host}:{settings.http_port}"


def test_joining_for_a_command_loads_no_celery() -> None:
    script = "import sys, syncd.wiring; sys.exit(bool({'celery', 'kombu', 'redis', 'httpx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_the_policy_names_what_is_not_kept_for_ever() -> None:
    made = policy(Settings(keep_hook_bodies_days=14, keep_deliveries_days="forever"))
    assert made.ages == {Kept.BODIES: timedelta(days=14), Kept.HOOKS: timedelta(days=400)}
