"""The shape of the code: short files with a card each, telling names, nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*ROOT.glob("syncd/**/*.py"), *ROOT.glob("workers/**/*.py"), *ROOT.glob("tests/**/*.py")])
SAY_NOTHING = re.compile(r"^(utils?|common|helpers?|base|managers?|misc)$")
OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:work|root|farm)/|file:///")


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_named)
def test_a_file_is_short_and_opens_with_its_card(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    if text.strip() and path.name != "__init__.py":
        assert ast.get_docstring(ast.parse(text)), f"{_named(path)} does not say what it is"


def test_no_name_says_nothing() -> None:
    parts = {part.removesuffix(".py") for path in SOURCES for part in path.relative_to(ROOT).parts}
    assert sorted(part for part in parts if SAY_NOTHING.match(part)) == []


def test_nothing_that_is_committed_names_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in {".png", ".woff2"} and path != Path(__file__):
            found += [
                f"{name}: {line.strip()[:80]}"
                for line in path.read_text("utf-8").splitlines()
                if OF_A_MACHINE.search(line)
            ]
    assert found == []
