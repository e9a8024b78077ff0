"""A case system: whether it answers, and whether the names that connectors map are names it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.connections.joining.connectors import CASE_PRIORITIES
from syncd.core.checked import Checked, failed, fine
from syncd.errors import SideError, cause_of
from syncd.store.connectors import Connector
from syncd.store.integrations import Integration
from syncd.systems.port import System
from syncd.systems.trip import Trip

_CHECK = "case system"


def reached(it: Integration, system: System, trip: Trip) -> Iterator[Checked]:
    try:
        problems = system.check(trip)
    except SideError as error:
        yield failed(_CHECK, "SYN-CASE-SYSTEM", f"{cause_of(str(error))}.", it.slug)
        return
    yield from (failed(_CHECK, "SYN-CASE-SYSTEM", one.sentence, it.slug) for one in problems)
    if not problems:
        yield fine(_CHECK, "It answers.", it.slug)


def names(it: Integration, connectors: Sequence[Connector]) -> Iterator[Checked]:
    for one in connectors:
        strange = sorted({pair["case"] for pair in one.priorities} - set(CASE_PRIORITIES))
        check = f"connector {one.name}"
        if strange:
            said = f"It maps the case priorities {', '.join(strange)}, and {it.slug} has {', '.join(CASE_PRIORITIES)}."
            yield failed(check, "SYN-CASE-NAMES", said, it.slug)
        else:
            yield fine(check, f"Every case priority it maps is one of {it.slug}'s.", it.slug)
