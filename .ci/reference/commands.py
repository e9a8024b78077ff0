"""docs/commands.md: every command with what it takes, as its own help says it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from syncd.cli.main import COMMANDS, load

_HEAD = [
    "# Commands",
    "",
    "Each command says the same by `--help`. Data goes to stdout and words to stderr; `-o` is `table`, `json`, `ndjson` or `csv`, and left out",
    "a table on a terminal and JSON in a pipe. They leave with 0 when all is well, 1 with a finding, 2 for what was typed or configured",
    "wrongly, 3 when something is out of reach, 4 when nothing has that name, and 130 when they are interrupted.",
    "",
    "What is an option of many: `--server` asks a daemon elsewhere, with the API token that stands in `SYNCD_TOKEN`; `--config` names the",
    "TOML file to read; `--by` says who does it, if that is not who is signed in here.",
    "",
]
_OF_MANY = {"server", "config", "by", "output"}


def commands() -> str:
    lines = [*_HEAD]
    for name, entry in COMMANDS.items():
        for words, command in _alone(f"syncd {name}", load(entry)):
            lines += _told(words, command)
    return "\n".join(lines)


def _alone(words: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's own types are private
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in sorted(inner.items()):
        yield from _alone(f"{words} {name}", one)


def _told(words: str, command: Any) -> list[str]:  # noqa: ANN401
    context = command.make_context(words, [], resilient_parsing=True)
    records = [(param, param.get_help_record(context)) for param in command.params]
    shown = [(param, record) for param, record in records if record is not None]
    arguments = [record for param, record in shown if param.param_type_name == "argument"]
    options = [record for param, record in shown if param.param_type_name != "argument" and param.name not in _OF_MANY]
    usual = [f"`--{param.name}`" for param, _ in shown if param.name in _OF_MANY and param.param_type_name == "option"]
    usual = ["`-o`" if one == "`--output`" else one for one in usual]
    lines = [f"## `{words}`", "", inspect.cleandoc(command.help or ""), ""]
    if arguments or options:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{_cell(what)}` | {_cell(says)} |" for what, says in [*arguments, *options]]
        lines.append("")
    return [*lines, f"Also {', '.join(usual)}.", ""] if usual else lines


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
