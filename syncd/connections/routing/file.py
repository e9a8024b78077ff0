"""Rules and presets as a TOML file: read with the line of every fault, and written so that reading gives the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from syncd import toml
from syncd.core.routing import BASIC, SHIPPED, Preset, Rule
from syncd.errors import Misconfigured, SyncdError, Unavailable
from syncd.store.connectors import Connector

from .accounts import Accounts
from .lines import Lines
from .presets import Draft, draft_of, looked_up, preset_as_given, unasked
from .rules import rule_as_given, rule_of
from .wrong import Faults, Wrong, refuse_unknown

_TABLES = ("presets", "routes")
HEAD = "# The rules by which cases reach connectors, in their order, and what the incidents look like.\n"


class Reading:
    """One file. Every fault is told with its line and key, and nothing of a file that has one is taken over."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text, self._lines = name, toml.unmarked(text), Lines("")
        self._unread: set[str] = set()  # tables that are none
        self._faults: list[tuple[int, str]] = []  # the line of each, and its sentence
        self._unasked: dict[str, str] = {}  # accounts that could not be asked

    def read(self, connectors: Mapping[str, Connector], accounts: Accounts) -> tuple[Sequence[Preset], Sequence[Rule]]:
        """Whatever can be told without an account is found before one is asked, so that one that is away hides none of it."""
        written = self._parsed()
        drafts = [(at, self._draft(at, it, accounts)) for at, it in self._tables(written, "presets")]
        # What is wrong with a preset is told already, and not once more of each rule that names it.
        faulty = {name: Preset(name) for _, it in self._tables(written, "presets") if (name := _name(it))}
        known = {SHIPPED: BASIC, **faulty, **{one.preset.name: one.preset for _, one in drafts}}
        there = None if "presets" in self._unread else known
        rules = [self._rule(at, it, connectors, there) for at, it in self._tables(written, "routes")]
        self._refuse_twins("presets", written)
        self._refuse_twins("routes", written)
        presets = [self._looked_up(at, one, accounts) for at, one in drafts]
        self._refuse()
        return presets, rules

    def _parsed(self) -> Mapping[str, Any]:
        try:
            written = toml.parsed(self._text)
        except toml.NoToml as error:
            at = self._name if error.line is None else f"{self._name}:{error.line}"
            raise Misconfigured(f"{at}: it cannot be read as TOML: {error}.") from error
        self._lines = Lines(self._text)
        faults = Faults()
        faults.tried(None, refuse_unknown, written, _TABLES, "such a file")
        self._say_all("", 0, faults)
        for table in _TABLES:
            found = written.get(table, [])
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                self._unread.add(table)
                self._say("", 0, Wrong(table, f"write [[{table}]]"))
        return {table: found for table, found in written.items() if table not in self._unread}

    def _tables(self, written: Mapping[str, Any], table: str) -> list[tuple[int, Mapping[str, Any]]]:
        return list(enumerate(written.get(table, [])))

    def _draft(self, at: int, given: Mapping[str, Any], accounts: Accounts) -> Draft:
        faults = Faults()
        draft = draft_of(given, accounts, faults)
        self._say_all("presets", at, faults)
        return draft

    def _looked_up(self, at: int, draft: Draft, accounts: Accounts) -> Preset:
        faults = Faults()
        try:
            return looked_up(draft, accounts, faults)
        except Unavailable as error:  # Which is no fault of a line.
            line = self._line("presets", at, "integration")
            self._unasked.setdefault(draft.preset.integration, f"{line}: {unasked(draft, error)}.")
        except SyncdError as error:  # It answered, and would answer so again.
            faults.add("integration", unasked(draft, error))
        finally:
            self._say_all("presets", at, faults)
        return draft.preset

    def _rule(
        self,
        at: int,
        given: Mapping[str, Any],
        connectors: Mapping[str, Connector],
        presets: Mapping[str, Preset] | None,
    ) -> Rule:
        faults = Faults()
        rule = rule_of(given, connectors, presets, faults)
        self._say_all("routes", at, faults)
        return rule

    def _refuse_twins(self, table: str, written: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        for at, given in self._tables(written, table):
            name = _name(given)
            if name and name in seen:
                self._say(table, at, Wrong("name", f"there is another one called {name}"))
            seen.add(name)

    def _say_all(self, table: str, at: int, faults: Faults) -> None:
        for one in faults:
            self._say(table, at, one)

    def _say(self, table: str, at: int, wrong: Wrong) -> None:
        line = self._lines.line(table, at, wrong.key)
        self._faults.append((line, f"{self._line(table, at, wrong.key)}: {wrong.sentence}."))

    def _line(self, table: str, at: int, key: str) -> str:
        where = f"{table}[{at}].{key}" if table else key
        return f"{self._name}:{self._lines.line(table, at, key)}: {where}"

    def _refuse(self) -> None:
        faults = [sentence for _, sentence in sorted(self._faults, key=itemgetter(0))]
        told = "\n".join(dict.fromkeys([*faults, *self._unasked.values()]))
        if faults:
            raise Misconfigured(told)
        if self._unasked:
            raise Unavailable(told)


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
