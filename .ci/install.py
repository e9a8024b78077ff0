"""Makes .venv fit for `make demo` (runtime) or `make test` (develop): from the locks, checked by hash, and only when something changed.

Run by the system's python3, so it uses the standard library alone. Nothing here names an index: pip's own settings are handed on to uv.
"""

from __future__ import annotations

import argparse
import ast
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"runtime": ROOT / ".ci" / "lock" / "runtime.txt", "develop": ROOT / ".ci" / "lock" / "develop.txt"}

# The `syncd` command. A script that a build tool writes would name its interpreter on its first line, where a path with a
# space cannot stand; this one finds it beside itself.
COMMAND = """#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -m syncd "$@"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["runtime", "develop", "lock"])
    parser.add_argument("--upgrade", action="store_true", help="with lock: take the newest versions")
    asked = parser.parse_args()
    # Two makes at once in one checkout would trample on each other; pyproject.toml is a file that is always there to lock.
    with (ROOT / "pyproject.toml").open() as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)
        if asked.what == "lock":
            install("develop")
            lock(upgrade=asked.upgrade)
        else:
            install(asked.what)


def install(kind: str) -> None:
    if is_installed(kind) or (kind == "runtime" and is_installed("develop")):
        return
    if not is_usable():
        make_venv()
    # uv comes first and alone: pip needs half a minute for what uv does in seconds.
    run([str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", *hashed(only("uv"))], "uv")
    say(f"Installing what {LOCKS[kind].relative_to(ROOT)} lists.")
    # Runtime only adds, so that `make demo` takes nothing away from a developer; develop makes it exact.
    how = ["sync"] if kind == "develop" else ["install", "--requirement"]
    uv(["pip", *how, str(LOCKS[kind]), "--require-hashes"])
    link_project()
    stamp(kind).write_text(key(kind), encoding="utf-8")


def lock(*, upgrade: bool) -> None:
    """Developers' packages first: they are the larger set, and the runtime set must agree with it."""
    shared = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11"]
    newer = ["--upgrade"] if upgrade else []
    develop, runtime = (str(LOCKS[kind].relative_to(ROOT)) for kind in ("develop", "runtime"))
    uv(["pip", "compile", *shared, *newer, "pyproject.toml", "--group", "dev", "-o", develop])
    uv(["pip", "compile", *shared, *newer, "pyproject.toml", "-c", develop, "-o", runtime])


# -- whether anything needs doing


def is_installed(kind: str) -> bool:
    return stamp(kind).exists() and stamp(kind).read_text(encoding="utf-8") == key(kind) and is_usable()


def stamp(kind: str) -> Path:
    return VENV / f"installed-{kind}"


def key(kind: str) -> str:
    """What was installed, by which interpreter, and where: a checkout that was moved or copied is installed anew."""
    # Not pyproject.toml: only the lock decides what is installed, and an edited lint rule must not need the network.
    content = hashlib.sha256(LOCKS[kind].read_bytes() + Path(__file__).read_bytes())
    return f"{content.hexdigest()} {sys.version_info.major}.{sys.version_info.minor} {VENV}"


def is_usable() -> bool:
    """A virtual environment of this place and this Python, not cut off half-way."""
    if not PYTHON.exists():
        return False
    ask = "import pip, sys; print(repr((sys.version_info[:2], sys.prefix)))"
    done = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True, check=False)
    return done.returncode == 0 and ast.literal_eval(done.stdout) == (sys.version_info[:2], str(VENV))


# -- doing it


def make_venv() -> None:
    say("Making a virtual environment in .venv.")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        fail(f"{said}\nThis Python cannot make virtual environments with pip: on Debian, install python3-venv.")


def link_project() -> None:
    """The checkout itself is what runs. A path file and a command need no build tool, and so none is fetched to run the demo."""
    packages = next((VENV / "lib").glob("python3*")) / "site-packages"
    (packages / "syncd.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = VENV / "bin" / "syncd"
    command.write_text(COMMAND, encoding="utf-8")
    command.chmod(0o755)


def only(name: str) -> str:
    """One package's lines of the developers' lock."""
    lines: list[str] = []
    for line in LOCKS["develop"].read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}==") or (lines and line.startswith(" ")):
            lines.append(line)
        elif lines:
            break
    return "\n".join(lines)


def hashed(requirement: str) -> list[str]:
    listed = VENV / "first.txt"
    listed.write_text(f"{requirement}\n", encoding="utf-8")
    return ["--require-hashes", "-r", str(listed)]


def uv(arguments: Sequence[str]) -> None:
    run([str(VENV / "bin" / "uv"), "-q", *arguments], "uv", uv_settings())


def uv_settings() -> dict[str, str]:
    """Uv reads none of pip's settings; where packages come from and whom to trust is handed on, unless uv was told otherwise."""
    done = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    settings = {"VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    handed_on = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        variable = handed_on.get(name.rpartition(".")[2])
        if variable is not None and variable not in os.environ:
            settings[variable] = ast.literal_eval(value)
    return settings


def run(argv: Sequence[str], what: str, settings: dict[str, str] | None = None) -> None:
    # A virtual environment or PYTHONPATH of the caller's must not reach into ours.
    kept = {
        name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}
    }
    done = subprocess.run(argv, cwd=ROOT, env={**kept, **(settings or {})}, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        fail(
            f"{what} could not do its part (its own words are above); the first install needs the network, later ones do not."
        )


def say(sentence: str) -> None:
    print(sentence, flush=True)


def fail(sentence: str) -> None:
    sys.exit(sentence)


if __name__ == "__main__":
    main()
