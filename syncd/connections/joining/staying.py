"""A second connector changes nothing for the first: cases that name none go on to it, by a rule that can be seen, moved and removed."""

from __future__ import annotations

from datetime import datetime

from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.core.routing import Rule
from syncd.store import deliveries, routes
from syncd.store.database import Tx
from syncd.store.deliveries import Delivery

_NAME = "everything-else"


def stay(tx: Tx, case_system: str, now: datetime, by: str) -> Rule | None:
    """None: there was no connector that such cases went to. To be called before there is another one."""
    routes.hold(tx)
    default = routes.default_connector(tx, case_system)
    if not default:
        return None
    rules = routes.all_of(tx)
    taken = {one.name for one in rules}
    free = (one for one in (_NAME, f"{_NAME}-{case_system}", f"{_NAME}-{default}") if one not in taken)
    rule = Rule(next(free), default)
    routes.replace(tx, (*rules, rule))
    row = Delivery(
        recorded_at=now,
        direction=deliveries.direction(Side.CASE),
        change="rules",
        action="add",
        outcome=Outcome.APPLIED,
        reason=Reason.RULES_CHANGED,
        detail=f"Rule {rule.name} was added. {sentence(rule)}",
        actor=by,
    )
    deliveries.record_many(tx, [row])
    return rule


def sentence(rule: Rule) -> str:
    return (
        f"Cases that name no connector go on to {rule.connector}, by the rule {rule.name}: `syncd routes add` puts others before it, "
        f"and `syncd routes remove {rule.name}` sends such cases to none."
    )
