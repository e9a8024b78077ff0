"""The program as a whole: its help is quick and loads nothing, every command is where the table says, and it leaves as it should."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.cli.leaving import exit_code
from syncd.cli.main import COMMANDS, load
from syncd.errors import Conflict, Misconfigured, NotFound, SyncdError, Unavailable

from .conftest import Syncd

ROOT = Path(__file__).parents[2]
HEAVY = (
    "sqlalchemy",
    "alembic",
    "celery",
    "redis",
    "pydantic",
    "httpx",
    "structlog",
    "starlette",
    "cryptography",
    "rich",
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    load(COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(syncd: Syncd, name: str) -> None:
    ended = syncd(name, "--help")
    assert ended.code == 0
    assert f"Usage: syncd {name}" in ended.out


def test_help_loads_none_of_the_heavy_libraries() -> None:
    script = (
        "import sys\nfrom syncd.__main__ import main\nsys.argv = ['syncd', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr == "[]\n"
    for name in COMMANDS:
        assert f"  {name} " in ended.stdout


def test_the_version(syncd: Syncd) -> None:
    assert syncd("--version").out.startswith("syncd ")


@pytest.mark.parametrize(
    ("error", "code"),
    [(Misconfigured("x"), 2), (Conflict("x"), 2), (Unavailable("x"), 3), (NotFound("x"), 4), (SyncdError("x"), 2)],
)
def test_exit_codes(error: SyncdError, code: int) -> None:
    assert exit_code(error) == code


def program(home: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "syncd", *words], {**os.environ, "SYNCD_HOME": str(home)}


def test_a_terminal_gets_a_table_and_a_pipe_json(home: Path) -> None:
    words, env = program(home, "config", "show")
    piped = subprocess.run(words, capture_output=True, text=True, check=True, env=env, cwd=ROOT)
    assert piped.stdout.startswith("[\n")
    near, far = pty.openpty()
    with subprocess.Popen(words, stdout=far, env=env, cwd=ROOT) as child:
        os.close(far)
        shown = b""
        try:
            while piece := os.read(near, 65536):
                shown += piece
        except OSError:  # What Linux says when the other end of a terminal is gone.
            pass
        os.close(near)
        assert child.wait(30) == 0
    assert shown.startswith(b"SETTING ")
    assert b"\x1b" not in shown, "no colours, so NO_COLOR has nothing to forbid"


def test_a_reader_that_goes_away_is_no_failure(home: Path) -> None:
    words, env = program(home, "config", "show", "-o", "ndjson")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) in {0, 1}
