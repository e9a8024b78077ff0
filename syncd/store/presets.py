"""What an opened incident looks like, by name. The shipped preset is always there and has no row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, delete, insert, select

from syncd.core.policy import PriorityPair
from syncd.core.routing import BASIC, SHIPPED, Preset

from .columns import storable
from .database import Tx
from .tables_of_accounts import presets


def all_of(tx: Tx) -> dict[str, Preset]:
    """The shipped one first."""
    rows = tx.execute(select(presets).order_by(presets.c.name))
    return {SHIPPED: BASIC, **{row.name: _preset(row) for row in rows}}


def of_account(tx: Tx, slug: str) -> list[str]:
    """Those that only its connectors may use."""
    return list(tx.scalars(select(presets.c.name).where(presets.c.integration == slug).order_by(presets.c.name)))


def forget_account(tx: Tx, slug: str) -> None:
    """Whoever calls it has made sure that no rule names one of its connectors, and thus none of its presets."""
    tx.execute(delete(presets).where(presets.c.integration == slug))


def replace(tx: Tx, wanted: Iterable[Preset]) -> None:
    """These and no others. Whoever calls it has written the rules that name one away, and writes them again."""
    tx.execute(delete(presets))
    rows = [_values(one) for one in wanted if one.name != SHIPPED]
    if rows:
        tx.execute(insert(presets), rows)


def _values(preset: Preset) -> dict[str, Any]:
    texts = {name: storable(value) for name, value in asdict(preset).items() if name != "priorities"}
    return {**texts, "priorities": [asdict(pair) for pair in preset.priorities]}


def _preset(row: Row[*tuple[Any, ...]]) -> Preset:
    return Preset(
        row.name,
        row.title,
        row.body,
        row.urgency,
        row.integration,
        tuple(PriorityPair(**pair) for pair in row.priorities),
        row.escalation_policy,
        row.escalation_policy_name,
    )
