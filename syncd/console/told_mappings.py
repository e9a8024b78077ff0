"""What a connector makes of what happens, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from syncd.connections.joining.connectors import badge
from syncd.core.foreseen import Foreseen
from syncd.core.policy import PriorityPair
from syncd.flow.mapped import Event, Mapped
from syncd.store.row_json import Json


def mapped(it: Mapped) -> Json:
    return {
        "connector": it.connector.name,
        "integration": it.connector.integration,
        "path": badge(it.connector.path),
        "priorities": pairs(it.pairs),
        "tried": None if it.edited is None else pairs(it.edited),
        "unmapped": list(it.unmapped),
        "unheard": list(it.unheard),
        "warnings": warnings(it.pairs if it.edited is None else it.edited, it.unmapped, it.unheard),
        "samples": [{"on": one.on, "what": one.what, "becomes": foreseen(one.becomes)} for one in it.samples],
        "events": [_event(one) for one in it.events],
    }


def warnings(used: Sequence[PriorityPair], unmapped: Sequence[str], unheard: Sequence[str]) -> list[str]:
    """What a map leaves out, and where it names one priority of cases twice."""
    told = []
    if missing := [*unmapped, *(f"PagerDuty's {one}" for one in unheard)]:
        told.append(f"Not mapped: {', '.join(missing)}; such a priority is recorded and not sent.")
    by_case: dict[str, list[str]] = {}
    for pair in used:
        by_case.setdefault(pair.case, []).append(pair.name or pair.incident)
    told.extend(
        f"{case} stands there {len(names)} times ({', '.join(names)}): the first, {names[0]}, is the one that is written."
        for case, names in by_case.items()
        if len(names) > 1
    )
    return told


def pairs(given: Sequence[PriorityPair]) -> list[Json]:
    return [asdict(pair) for pair in given]


def foreseen(given: Sequence[Foreseen]) -> list[Json]:
    return [
        {
            "side": one.side,
            "kind": one.kind,
            "value": one.value,
            "words": one.words,
            "is_unmapped": one.is_unmapped,
        }
        for one in given
    ]


def _event(one: Event) -> Json:
    return {
        "delivery": one.delivery,
        "at": one.at.isoformat(),
        "record": one.record,
        "on": one.on,
        "what": one.what,
        "by": one.by,
        "outcome": one.outcome,
        "said": one.said,
        "now": foreseen(one.now),
        "then": foreseen(one.then),
        "is_changed": one.is_changed,
        "is_by_preset": one.is_by_preset,
    }
