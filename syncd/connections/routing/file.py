"""Rules and presets as a TOML file: read with the line of every fault, and written so that reading gives the same."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.core.routing import BASIC, SHIPPED, Preset, Rule
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store.connectors import Connector

from .lines import Lines
from .presets import Ask, preset_as_given, preset_of
from .rules import check_rule, read_rule, rule_as_given
from .wrong import Faults, Wrong, refuse_unknown

_LINE = re.compile(r" \(at line (\d+), column \d+\)")
_TABLES = ("presets", "routes")
HEAD = "# The rules by which cases reach connectors, in their order, and what the incidents look like.\n"


class Reading:
    """One file. Every fault is told with its line and key, and nothing of a file that has one is taken over."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text, self._lines = name, text, Lines(text)
        self._unread: set[str] = set()  # tables that are none
        self.faults: list[str] = []

    def read(self, connectors: Mapping[str, Connector], ask: Ask) -> tuple[Sequence[Preset], Sequence[Rule]]:
        written = self._parsed()
        presets = [one for at, it in self._tables(written, "presets") if (one := self._preset(at, it, ask)) is not None]
        # What is wrong with a preset is told already, and not once more of each rule that names it.
        faulty = {name: Preset(name) for _, it in self._tables(written, "presets") if (name := _name(it))}
        known = {SHIPPED: BASIC, **faulty, **{one.name: one for one in presets}}
        rules = [
            rule
            for at, it in self._tables(written, "routes")
            if (rule := self._rule(at, it, connectors, known)) is not None
        ]
        self._refuse_twins("presets", written)
        self._refuse_twins("routes", written)
        if self.faults:
            raise Misconfigured("\n".join(dict.fromkeys(self.faults)))
        return presets, rules

    def _parsed(self) -> Mapping[str, Any]:
        try:
            written = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            line = _LINE.search(str(error))
            at = line[1] if line else self._text.count("\n") + 1
            raise Misconfigured(f"{self._name}:{at}: this is no TOML: {_LINE.sub('', str(error))}.") from error
        try:
            refuse_unknown(written, _TABLES, "such a file")
        except Wrong as wrong:
            self._say_all("", 0, wrong)
        for table in _TABLES:
            found = written.get(table, [])
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                self._unread.add(table)
                self._say("", 0, Wrong(table, f"write [[{table}]]"))
        return {table: found for table, found in written.items() if table not in self._unread}

    def _tables(self, written: Mapping[str, Any], table: str) -> list[tuple[int, Mapping[str, Any]]]:
        return list(enumerate(written.get(table, [])))

    def _preset(self, at: int, given: Mapping[str, Any], ask: Ask) -> Preset | None:
        try:
            return preset_of(given, ask)
        except Wrong as wrong:
            self._say_all("presets", at, wrong)
        except (
            Conflict,
            Misconfigured,
            NotFound,
        ) as error:  # Of the account; who cannot be reached is no fault of a line.
            self._say("presets", at, Wrong("integration", str(error).rstrip(".")))
        return None

    def _rule(
        self,
        at: int,
        given: Mapping[str, Any],
        connectors: Mapping[str, Connector],
        presets: Mapping[str, Preset],
    ) -> Rule | None:
        faults = Faults()
        rule = read_rule(given, faults)
        try:
            check_rule(rule, connectors, presets)
        except Wrong as wrong:
            for one in wrong.all:
                # One that could not be read is not missed as well, nor a preset where none could be read.
                if not faults.of(one.key) and not (one.key == "preset" and "presets" in self._unread):
                    faults.add(one.key, one.sentence)
        try:
            faults.refuse()
        except Wrong as wrong:
            self._say_all("routes", at, wrong)
            return None
        return rule

    def _refuse_twins(self, table: str, written: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        for at, given in self._tables(written, table):
            name = _name(given)
            if name and name in seen:
                self._say(table, at, Wrong("name", f"there is another one called {name}"))
            seen.add(name)

    def _say_all(self, table: str, at: int, wrong: Wrong) -> None:
        for one in wrong.all:
            self._say(table, at, one)

    def _say(self, table: str, at: int, wrong: Wrong) -> None:
        line = self._lines.line(table, at, wrong.key)
        where = f"{table}[{at}].{wrong.key}" if table else wrong.key
        self.faults.append(f"{self._name}:{line}: {where}: {wrong.sentence}.")


def _name(given: Mapping[str, Any]) -> str:
    """Whatever it is worth: a fault of it is told elsewhere."""
    return str(given.get("name", "")).strip()


def written(presets: Sequence[Preset], rules: Sequence[Rule]) -> str:
    tables = [("presets", preset_as_given(one)) for one in presets if one.name != SHIPPED]
    tables += [("routes", rule_as_given(one)) for one in rules]
    return HEAD + "".join(f"\n[[{table}]]\n{_keys(given)}" for table, given in tables)


def _keys(given: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in given.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # A text of JSON is one of TOML, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
