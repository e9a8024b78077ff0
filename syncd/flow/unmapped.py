"""Which priority was left for want of a counterpart, and has one by the map of today; and how that is told."""

from __future__ import annotations

from dataclasses import replace

from syncd.connections.rules import rules_of
from syncd.core import alert
from syncd.core import unmapped as core
from syncd.core.changes import Field, FieldSeen, NoteSeen, Side
from syncd.core.link import Link
from syncd.core.policy import Rules
from syncd.core.reasons import Reason
from syncd.store import unmapped as store
from syncd.store.connectors import Connector
from syncd.store.database import Tx
from syncd.store.unmapped import Left


def rules(link: Link, connector: Connector | None, *, is_two_way: bool) -> Rules:
    """As far as they say what is mapped: for whoever has no system at hand, nor the key that opens one."""
    found = rules_of(connector, {}, link.priorities, is_two_way=is_two_way)
    return replace(found, priorities=alert.AS_THEY_ARE) if link.case_system == alert.SOURCE else found


def due(tx: Tx, link_id: int, link: Link, rules: Rules) -> Left | None:
    """The rows are only asked where it is to be brought across."""
    sides = [side for side in Side if core.has_counterpart(link, side, rules)]
    left = store.left(tx, link_id) if sides else None
    return left if left is not None and left.side in sides else None


def told(link: Link, side: Side, value: str, name: str = "") -> str:
    """Which value of which account, and whose map it is missing from."""
    what = f"Priority {name or value} of" if value else "That there is no priority any more in"
    where = f"{link.system(side.other)} (connector {link.connector})" if link.connector else link.system(side.other)
    return f"{what} {link.system(side)} has no counterpart in {where}."


def detail(link: Link, side: Side, seen: FieldSeen | NoteSeen, reason: Reason | None) -> str:
    """Of a row; nothing where its reason's own sentence says it all."""
    if reason is not Reason.NOT_MAPPED or not isinstance(seen, FieldSeen) or seen.field is not Field.PRIORITY:
        return ""
    return told(link, side, seen.value, seen.name)
