"""docs/tutorial.md, followed command by command: what it prints is what a reader sees."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.program import ROOT, Program
from tests.e2e.waiting import PATIENCE, until
from tests.parts.ports import free_port
from tests.parts.require import unavailable

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
ALONE = "# in a terminal of its own"
_LOOKING = re.compile(r"\A(incident=|syncd (why|status|\w+ (list|show|compare)))")
_WIDE = "220"


@dataclass(frozen=True, slots=True)
class Step:
    command: str
    prints: tuple[str, ...]

    @property
    def is_of_its_own(self) -> bool:
        return ALONE in self.command

    @property
    def only_looks(self) -> bool:
        """What is on its way meanwhile may be there the next time."""
        return bool(_LOOKING.match(self.command))

    def missing(self, said: str) -> str:
        """The first line that is not there, or not in its place."""
        lines, at = said.splitlines(), 0
        for wanted in self.prints:
            shape = re.compile(r"[\s\S]*?".join(map(re.escape, wanted.split("…"))))
            found = next((number for number in range(at, len(lines)) if shape.fullmatch(lines[number].rstrip())), None)
            if found is None:
                return wanted
            at = found + 1
        return ""


def steps(page: str) -> Iterator[Step]:
    for block in re.findall(r"^```console\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            first, *rest = command.splitlines()
            yield Step(first, tuple(line for line in rest if line.strip()))


@dataclass(slots=True)
class Terminals:
    """One that remembers what was set in it, and others in which something runs."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    running: list[Program] = field(default_factory=list)

    def follow(self, step: Step) -> None:
        setting = re.match(r"\A(?:export )?(\w+)=(.*)\Z", step.command)
        if step.is_of_its_own:
            self._start(step)
        elif setting and "$(" not in setting[2]:
            self.env[setting[1]] = setting[2].replace("$PWD", str(self.folder))
        else:
            said = until(
                lambda: self._answer(step), f"what {step.command!r} prints", PATIENCE if step.only_looks else 0.0
            )
            if setting:
                self.env[setting[1]] = said.strip()

    def _start(self, step: Step) -> None:
        words = step.command.replace(ALONE, "").split()
        program = Program(words[1], (sys.executable, "-m", *words), self.env, self.folder / words[1])
        program.start()
        self.running.append(program)
        until(lambda: not step.missing(program.said()), f"what {step.command!r} prints")

    def _answer(self, step: Step) -> str:
        """What it printed, or nothing where that is not what the page says."""
        command = f"echo $({step.command.partition('$(')[2]}" if step.command.startswith("incident=") else step.command
        code, said = self._run(command)
        missing = step.missing(said)
        if step.only_looks:
            return "" if missing else said or " "
        assert (missing, code) == ("", 0), said
        return said or " "

    def _run(self, command: str) -> tuple[int, str]:
        """As on a terminal: what programs get would be JSON."""
        mine, theirs = pty.openpty()
        started = subprocess.Popen(
            ["/bin/sh", "-c", command],
            env=self.env,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        said = bytearray()
        with os.fdopen(mine, "rb", buffering=0) as screen:
            while piece := _read(screen.fileno()):
                said += piece
        return started.wait(PATIENCE), said.decode().replace("\r\n", "\n")


def _read(screen: int) -> bytes:
    """A terminal that nobody writes to any more is an error, not an end."""
    try:
        return os.read(screen, 65_536)
    except OSError:
        return b""


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    path = tmp_path / "bin"
    path.mkdir()
    (path / "syncd").write_text(f'#!/bin/sh\nexec {sys.executable} -m syncd "$@"\n', encoding="utf-8")
    (path / "syncd").chmod(0o755)
    env = {
        "PATH": f"{path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "COLUMNS": _WIDE,
        "PYTHONPATH": str(ROOT),
    }
    made = Terminals(tmp_path, env)
    yield made
    for program in reversed(made.running):
        program.stop()


def test_every_command_of_the_tutorial_prints_what_it_says(terminals: Terminals) -> None:
    if shutil.which("curl") is None:
        unavailable("curl", "the tutorial acts in the simulated PagerDuty with it")
    ports = {port: str(free_port()) for port in ("8080", "8081", "8082")}
    page = re.sub(r"\b(808[012])\b", lambda found: ports[found[1]], PAGE)
    followed = list(steps(page))
    assert len(followed) > 20
    for step in followed:
        terminals.follow(step)
    assert not any(program.complaints() for program in terminals.running if program.name == "sim")
