"""What `make demo` and `make test` stand on: locks that pin everything and name nobody, an install that does nothing twice."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

_ROOT = Path(__file__).parents[2]
_LOCKS = _ROOT / ".ci" / "lock"


def _pins(name: str) -> dict[str, str]:
    """Package -> everything its entry says."""
    entries = re.split(r"\n(?=\S)", (_LOCKS / name).read_text(encoding="utf-8").strip())
    return {entry.partition("==")[0].partition("[")[0]: entry for entry in entries}


def _load(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install_under_test", root / ".ci" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with what the install reads, in a folder whose name has a space."""
    root = tmp_path / "a checkout"
    shutil.copytree(_ROOT / ".ci", root / ".ci")
    for name in ("pyproject.toml", "Makefile"):
        shutil.copy(_ROOT / name, root / name)
    return root


@pytest.fixture
def installed(checkout: Path) -> Path:
    """The same after a first run, without its half minute of network."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")], check=True)
    packages = next((checkout / ".venv" / "lib").glob("python3*")) / "site-packages"
    (packages / "pip").symlink_to(Path(sysconfig.get_path("purelib")) / "pip")
    install = _load(checkout)
    install.link_project()
    install.stamp("runtime").write_text(install.key("runtime"), encoding="utf-8")
    return checkout


@pytest.mark.parametrize("name", ["runtime.txt", "develop.txt"])
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    for package, entry in _pins(name).items():
        assert "==" in entry.splitlines()[0], package
        assert "--hash=sha256:" in entry, package
        assert "://" not in entry, package


def test_what_runs_is_what_is_tested() -> None:
    developers = _pins("develop.txt")
    assert {name: entry for name, entry in _pins("runtime.txt").items() if developers.get(name) != entry} == {}


def test_uv_alone_is_cut_out_of_the_lock(checkout: Path) -> None:
    cut = _load(checkout).only("uv")
    assert cut == _pins("develop.txt")["uv"]
    assert cut.startswith("uv==")


def test_a_second_run_does_nothing(installed: Path) -> None:
    before = _written(installed)
    argv = [sys.executable, str(installed / ".ci" / "install.py"), "runtime"]
    done = subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert _written(installed) == before


def _written(checkout: Path) -> dict[Path, int]:
    """When each file was, but for those that Python makes of others when it reads them."""
    files = (path for path in (checkout / ".venv").rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path: path.stat().st_mtime_ns for path in files}


@pytest.mark.parametrize("changed", [".ci/lock/runtime.txt", ".ci/install.py"])
def test_a_change_of_what_is_installed_is_noticed(installed: Path, changed: str) -> None:
    install = _load(installed)
    assert install.is_installed("runtime")
    with (installed / changed).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert not install.is_installed("runtime")


def test_a_checkout_that_was_moved_is_installed_anew(installed: Path) -> None:
    moved = installed.with_name("elsewhere")
    installed.rename(moved)
    assert not _load(moved).is_installed("runtime")


def test_the_command_runs_the_checkout_from_anywhere_and_through_a_link(installed: Path, tmp_path: Path) -> None:
    (installed / "syncd").mkdir()
    (installed / "syncd" / "__main__.py").write_text("import sys; print(sys.argv[1:], sys.prefix)", encoding="utf-8")
    link = tmp_path / "syncd"
    link.symlink_to(installed / ".venv" / "bin" / "syncd")
    done = subprocess.run([str(link), "web", "two words"], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"['web', 'two words'] {installed / '.venv'}"


def test_an_old_python_is_told_so(checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])" "$2"\n',
        encoding="utf-8",
    )
    old.chmod(0o755)
    done = _make(checkout, f"PYTHON={old}")
    assert done.returncode != 0
    assert "syncd needs Python 3.11 or newer and this is 3.9" in done.stderr
    assert not (checkout / ".venv").exists()


def test_no_python_at_all_is_told_too(checkout: Path) -> None:
    done = _make(checkout, "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "There is no no-such-python here: install Python 3.11 or newer" in done.stderr


def _make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Run by a make already, these would be meant for that one.
    kept = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(
        ["make", "demo", *arguments], cwd=checkout, env=kept, capture_output=True, text=True, check=False
    )
