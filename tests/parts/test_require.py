"""A missing part: left out with its reason and counted at the end, or a failure when SYNCD_REQUIRE asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_TESTS = """
import pytest
from tests.parts.require import unavailable

@pytest.fixture(scope="session")
def browser():
    unavailable("browser", "no chromium here")

def test_one(browser): pass
def test_two(browser): pass
def test_three(): unavailable("openapi", "not given")
def test_other(): pytest.skip("for another reason")
def test_four(): pass
"""


def _run(folder: Path, require: str | None, *options: str) -> tuple[int, str]:
    (folder / "test_sample.py").write_text(_TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SYNCD_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(_ROOT), **({} if require is None else {"SYNCD_REQUIRE": require})}
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.parts.require",
        "-p",
        "no:cacheprovider",
        *options,
        str(folder),
    ]
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_what_is_missing_is_left_out_and_summed_up(tmp_path: Path, options: tuple[str, ...]) -> None:
    status, said = _run(tmp_path, None, *options)
    assert status == 0
    lines = [line for line in said.splitlines() if line.startswith("left out: ")]
    assert lines == [
        "left out: 2 tests without browser: no chromium here",
        "left out: 1 test without openapi: not given",
    ]


def test_what_is_required_fails_with_its_reason(tmp_path: Path) -> None:
    status, said = _run(tmp_path, "postgres, browser")
    assert status == 1
    assert "SYNCD_REQUIRE asks for browser, and it cannot be had: no chromium here" in said
    assert "2 passed" not in said
    assert "left out: 1 test without openapi: not given" in said
    assert "without browser" not in said


def test_a_slip_in_what_is_required_ends_the_run(tmp_path: Path) -> None:
    status, said = _run(tmp_path, "postgers")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert (
        "SYNCD_REQUIRE names postgers, which is no part; the parts are browser, client, curl, openapi, postgres, prometheus, tmpfs, valkey."
        in said
    )
