"""A person changes rules and presets. Cases that are opened from then on follow them; links that exist stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from syncd.connections.routing.accounts import Accounts
from syncd.connections.routing.file import Reading
from syncd.connections.routing.presets import preset_of
from syncd.connections.routing.rules import check_rule, rule_of
from syncd.connections.routing.wrong import Faults, Given, Wrong
from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.core.routing import SHIPPED, Preset, Rule
from syncd.errors import Conflict, NotFound
from syncd.flow.chart import Chart
from syncd.store import deliveries, routes
from syncd.store.database import Database
from syncd.store.deliveries import Delivery

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rules and presets as they are to be, and what has been done to them, in sentences."""

    rules: Sequence[Rule]
    presets: Mapping[str, Preset]
    done: Sequence[str]


Change = Callable[[Chart], Wanted]


def add_rule(db: Database, given: Given, *, at: int | None, replaces: bool, by: str) -> Sequence[str]:
    """At this place, counted from one; without one at the end, or where the rule of its name stood that it replaces."""

    def change(now: Chart) -> Wanted:
        faults = Faults()
        rule = rule_of(given, now.connectors, now.presets, faults)
        others = [one for one in now.rules if one.name != rule.name]
        is_there = len(others) < len(now.rules)
        before = _place(now.rules, rule.name) if is_there else len(others) + 1
        place = before if at is None else faults.tried(before, _checked_place, at, len(others) + 1)
        faults.refuse()
        if is_there and not replaces:
            raise Conflict(f"There is a rule called {rule.name} already; choose another name, or replace it.")
        others.insert(place - 1, rule)
        did = "replaced" if is_there else "added"
        return Wanted(others, now.presets, [f"Rule {rule.name} was {did} at place {place} of {len(others)}."])

    return _change(db, change, by=by, action="add")


def move_rule(db: Database, name: str, to: int, *, by: str) -> Sequence[str]:
    def change(now: Chart) -> Wanted:
        rule = now.rules[_place(now.rules, name) - 1]
        others = [one for one in now.rules if one is not rule]
        others.insert(_checked_place(to, len(now.rules)) - 1, rule)
        return Wanted(others, now.presets, [f"Rule {name} was moved to place {to} of {len(others)}."])

    return _change(db, change, by=by, action="move")


def remove_rule(db: Database, name: str, *, by: str) -> Sequence[str]:
    def change(now: Chart) -> Wanted:
        _place(now.rules, name)
        others = [one for one in now.rules if one.name != name]
        return Wanted(others, now.presets, [f"Rule {name} was removed."])

    return _change(db, change, by=by, action="remove")


def add_preset(db: Database, given: Given, accounts: Accounts, *, replaces: bool, by: str) -> Sequence[str]:
    """The account is asked first, if it has to be; nothing is stored before that."""
    preset = preset_of(given, accounts)

    def change(now: Chart) -> Wanted:
        is_there = preset.name in now.presets
        if is_there and not replaces:
            raise Conflict(f"There is a preset called {preset.name} already; choose another name, or replace it.")
        there = {**now.presets, preset.name: preset}
        for rule in _naming(now.rules, preset.name):
            check_rule(rule, now.connectors, there)
        did = "replaced" if is_there else "added"
        return Wanted(now.rules, there, [f"Preset {preset.name} was {did}."])

    return _change(db, change, by=by, action="add")


def remove_preset(db: Database, name: str, *, by: str) -> Sequence[str]:
    def change(now: Chart) -> Wanted:
        if name == SHIPPED:
            raise Conflict(f"{SHIPPED} is the shipped preset, which stays.")
        if name not in now.presets:
            raise NotFound(f"There is no preset called {name}; `syncd presets list` shows those there are.")
        if named := [rule.name for rule in _naming(now.rules, name)]:
            raise Conflict(f"Preset {name} is named by rule {', '.join(named)}; give that another one first.")
        others = {one: preset for one, preset in now.presets.items() if one != name}
        return Wanted(now.rules, others, [f"Preset {name} was removed."])

    return _change(db, change, by=by, action="remove")


def take_over(db: Database, name: str, text: str, accounts: Accounts, *, is_check: bool, by: str) -> Sequence[str]:
    """What a file says, and nothing else: rules and presets that it does not name are removed. `name` is that of the file."""
    with db.read() as tx:
        now = Chart.read(tx)
    presets, rules = Reading(name, text).read(now.connectors, accounts)
    there = {SHIPPED: now.presets[SHIPPED], **{one.name: one for one in presets}}
    if is_check:
        return _differences(now, rules, there)

    def change(latest: Chart) -> Wanted:
        for rule in rules:
            check_rule(rule, latest.connectors, there)  # The questions took their time.
        return Wanted(rules, there, _differences(latest, rules, there))

    return _change(db, change, by=by, action="import")


def _change(db: Database, change: Change, *, by: str, action: str) -> Sequence[str]:
    with db.write() as tx:
        routes.hold(tx)
        wanted = change(Chart.read(tx))
        if wanted.done:
            routes.replace(tx, wanted.rules, wanted.presets.values())
        now = db.now(tx)
        rows = [
            Delivery(
                recorded_at=now,
                direction=deliveries.direction(Side.CASE),
                change="rules",
                action=action,
                outcome=Outcome.APPLIED,
                reason=Reason.RULES_CHANGED,
                detail=f"{did} ({by})",
                actor=by,
            )
            for did in wanted.done
        ]
        deliveries.record_many(tx, rows)
    for did in wanted.done:
        log.info("rules.changed", did=did, by=by)
    return wanted.done


def _differences(now: Chart, rules: Sequence[Rule], presets: Mapping[str, Preset]) -> list[str]:
    done = _by_name("Preset", now.presets, presets)
    was, becomes = {one.name: one for one in now.rules}, {one.name: one for one in rules}
    done += _by_name("Rule", was, becomes)
    kept = [name for name in becomes if name in was]
    if kept != [name for name in was if name in becomes]:
        done.append(f"The order of the rules is {', '.join(becomes)}.")
    return done


def _by_name(what: str, was: Mapping[str, object], becomes: Mapping[str, object]) -> list[str]:
    removed = [f"{what} {name} was removed." for name in was if name not in becomes]
    added = [f"{what} {name} was added." for name in becomes if name not in was]
    changed = [f"{what} {name} was replaced." for name, one in becomes.items() if name in was and was[name] != one]
    return removed + added + changed


def _naming(rules: Sequence[Rule], preset: str) -> list[Rule]:
    return [rule for rule in rules if rule.preset == preset]


def _place(rules: Sequence[Rule], name: str) -> int:
    for place, rule in enumerate(rules, 1):
        if rule.name == name:
            return place
    raise NotFound(f"There is no rule called {name}; `syncd routes list` shows those there are.")


def _checked_place(place: int, most: int) -> int:
    if not 1 <= place <= most:
        raise Wrong("at", f"there is no place {place}; it is 1 to {most}")
    return place
