"""The rules by which cases reach connectors, in their order. They are read and written all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, exists, insert, select, text

from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.errors import Conflict

from . import connectors, presets
from .columns import storable
from .database import Tx
from .tables_of_accounts import connectors as senders
from .tables_of_accounts import routes


def all_of(tx: Tx) -> tuple[Rule, ...]:
    return tuple(_rule(row) for row in tx.execute(select(routes).order_by(routes.c.position)))


def hold(tx: Tx) -> None:
    """Until the end of this transaction nobody else changes rules or presets: each change writes them all anew."""
    # A writing transaction of SQLite is alone anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE routes, presets IN SHARE ROW EXCLUSIVE MODE"))


def replace(tx: Tx, rules: Sequence[Rule], looks: Iterable[Preset] | None = None) -> None:
    """These in this order and no others; with `looks` those presets and no others as well."""
    tx.execute(delete(routes))
    if looks is not None:
        presets.replace(tx, looks)
    rows = [_values(position, rule) for position, rule in enumerate(rules, 1)]
    if rows:
        tx.execute(insert(routes), rows)


def default_connector(tx: Tx, case_system: str) -> str:
    """Where a case goes that names no connector, as far as that is known without rules: they decide later."""
    return "" if has_rules(tx, case_system) else connectors.default_of(tx, case_system)


def has_rules(tx: Tx, case_system: str) -> bool:
    """For cases of this system."""
    mine = select(senders.c.name).where(senders.c.case_system == case_system)
    return bool(tx.execute(select(exists().where(routes.c.connector.in_(mine)))).scalar_one())


def refuse_while_routed(tx: Tx, names: Sequence[str]) -> None:
    """For whoever deletes connectors: a rule that names one would lead nowhere."""
    if held := [rule for rule in all_of(tx) if rule.connector in names]:
        raise Conflict(
            f"Connector {held[0].connector} is named by {_rules(held)}; remove that first by `syncd routes remove {held[0].name}`."
        )


def _rules(rules: Sequence[Rule]) -> str:
    names = ", ".join(rule.name for rule in rules)
    return f"rule {names}" if len(rules) == 1 else f"the rules {names}"


def _values(position: int, rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "position": position,
        "connector": rule.connector,
        "preset": None if rule.preset == SHIPPED else rule.preset,
        "wants": {trait: [storable(one) for one in wanted] for trait, wanted in rule.wants.items()},
    }


def _rule(row: Row[*tuple[Any, ...]]) -> Rule:
    wants = {trait: tuple(row.wants[trait]) for trait in Trait if trait in row.wants}
    return Rule(row.name, row.connector, row.preset or SHIPPED, wants)
