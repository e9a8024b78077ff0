"""The table `[evidence]` of a file of settings: each fault with the file, the line and the key, since there may be many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from syncd import toml
from syncd.errors import Misconfigured

from .reading import rules_of
from .values import Rules

TABLE = "evidence"
TAKES = f"a table, [{TABLE}], in a TOML file"
_AFTER_KEY, _PART = re.compile(r" is |: no such key"), re.compile(r'"[^"]*"|[^.]+')


def rules_in(path: Path, given: object, text: str) -> Rules:
    """`given` is the table as it was read of the text. Raises Misconfigured with one line for each fault."""
    if not isinstance(given, Mapping):
        raise Misconfigured(f"{path}: {TABLE} is {given!r}; it takes {TAKES}.")
    try:
        return rules_of(given)
    except Misconfigured as error:
        faults = (f"{path}, line {toml.line_of(text, _keys(one))}: {one}" for one in str(error).splitlines())
        raise Misconfigured("\n".join(faults)) from error


def told(rules: Rules) -> str:
    """What is otherwise than without the table."""
    usual = Rules()
    changed = {one.name: getattr(rules, one.name) for one in fields(rules)}
    return ", ".join(f"{name} = {one}" for name, one in changed.items() if one != getattr(usual, name))


def _keys(fault: str) -> list[str]:
    """Of what a sentence about a rule begins with."""
    return [one.strip('"') for one in _PART.findall(_AFTER_KEY.split(fault)[0])]
