"""Every command that a document or a message names is one: README's are read by the program's own parser, without being run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from syncd.cli.main import COMMANDS, load
from syncd.settings import Settings

from .conftest import Syncd

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLACES = [
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("deploy/**/*"),
    *ROOT.glob("syncd/**/*.py"),
    *ROOT.glob("workers/*.py"),
]


def shown() -> list[list[str]]:
    """What stands after a prompt in a console block."""
    blocks = re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def _is_still_to_come(line: str) -> bool:
    """Evidence's own commands are named before they are there; from then on they are checked like all others."""
    return "evidence" not in COMMANDS and (line.startswith("evidence ") or "--evidence" in line)


def named(places: Sequence[Path] = PLACES) -> list[str]:
    """Commands in backquotes, with `{x}` for what a program fills in; `...` stands for more words."""
    found = set()
    for path in places:
        if path.is_file() and path.suffix in {".md", ".py", ".yaml", ".service", ".env"}:
            text = path.read_text(encoding="utf-8")
            found |= {re.sub(r"\{[^}]*\}", "x", one) for one in re.findall(r"`(?:\S*/)?syncd ([a-z][^`\n]*)`", text)}
    return sorted(line for line in found if not _is_still_to_come(line))


def parse(words: list[str]) -> None:
    """As far as the command's own function would be called."""
    command, rest = load(COMMANDS[words[0]]), words[1:]
    while hasattr(command, "commands"):
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(words[-1], list(rest))


def test_readme_shows_enough_to_be_worth_checking() -> None:
    programs = [Path(words[0]).name for words in shown()]
    assert programs.count("syncd") >= 5
    assert {"make", "export"} <= set(programs)
    assert len(named()) >= 15


@pytest.mark.parametrize("words", shown(), ids=" ".join)
def test_what_readme_shows_can_be_typed(words: list[str]) -> None:
    match Path(words[0]).name:
        case "syncd":
            parse(words[1:])
        case "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        case "export":
            name, _, value = words[1].partition("=")
            setting = name.removeprefix("SYNCD_").lower()
            assert getattr(Settings.model_validate({setting: value}), setting) == value
        case other:
            pytest.fail(f"README shows {other}, and nobody checks it")


@pytest.mark.parametrize(
    "wrong", ["cases opne x", "status --colour", "cases open", "cases list extra", "connectors set"]
)
def test_what_cannot_be_typed_is_noticed(wrong: str) -> None:
    with pytest.raises(Exception, match=r"(?i)opne|colour|missing|unexpected|set"):
        parse(wrong.split())


@pytest.mark.parametrize("line", named())
def test_every_command_that_is_named_is_there(syncd: Syncd, line: str) -> None:
    words = shlex.split(line.removesuffix(" ..."))
    ended = syncd(*words, "--help")
    assert ended.code == 0, ended.err
    assert ended.out.startswith(f"Usage: syncd {words[0]}")


def advised() -> list[str]:
    """What people are told to type, now, with something that could stand for each of the words in capitals."""
    placeholders = {"x": "7", "ID": "7", "LINK": "7"}
    lines = named([path for path in PLACES if path.name != "CHANGELOG.md"])
    lines = [line.replace("list x", "list --link 7") for line in lines]  # An option may be filled in, too.
    return sorted({" ".join(placeholders.get(word, word) for word in line.split()) for line in lines})


def is_whole(line: str) -> bool:
    """More than the name of a command or of a group of them."""
    words = shlex.split(line)
    depth = 2 if hasattr(load(COMMANDS[words[0]]), "commands") else 1
    return len(words) > depth and words[-1] not in {"...", "--help"}


@pytest.mark.parametrize("line", [line for line in advised() if is_whole(line)])
def test_every_command_that_is_advised_can_be_typed_as_it_stands(line: str) -> None:
    parse(shlex.split(line))


@pytest.mark.parametrize("line", ["deliveries park 7", "conflicts resolve 7 priority"])
def test_advice_that_lacks_what_its_command_requires_is_noticed(line: str) -> None:
    assert is_whole(line)
    with pytest.raises(Exception, match=r"(?i)missing"):
        parse(shlex.split(line))


@pytest.mark.parametrize("line", (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
def test_every_line_of_the_procfile_can_be_run(line: str) -> None:
    words = shlex.split(line.partition(":")[2])
    assert words[0] == "syncd"
    parse(words[1:])
