"""A case system: whether it answers, and whether the names that connectors map are names it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.core.changes import Status
from syncd.core.checked import Checked, failed, fine
from syncd.core.judging import State
from syncd.errors import SideError, cause_of
from syncd.store.connectors import Connector
from syncd.store.integrations import Integration
from syncd.systems.port import System
from syncd.systems.trip import Trip

_CHECK, _NAMES = "case system", "case names"


def reached(it: Integration, system: System, trip: Trip) -> Iterator[Checked]:
    try:
        problems = system.check(trip)
    except SideError as error:
        yield failed(_CHECK, "SYN-CASE-SYSTEM", f"{cause_of(str(error))}.", it.slug)
        return
    yield from (failed(_CHECK, "SYN-CASE-SYSTEM", one.sentence, it.slug) for one in problems)
    if not problems:
        yield fine(_CHECK, "It answers.", it.slug)


def names(it: Integration, system: System, connectors: Sequence[Connector], trip: Trip) -> Iterator[Checked]:
    """Asked anew each time: whoever runs a case system may rename them."""
    told = system.names(trip)
    if told is None:
        said = "It does not tell which statuses and priorities it has, so that nobody knows whether those that are mapped exist."
        yield Checked(_NAMES, State.UNKNOWN, said, integration=it.slug)
        return
    missing = [one for one in Status if one not in told.statuses]
    if missing:
        said = f"It has no status {', '.join(missing)}; it has {', '.join(told.statuses)}."
        yield failed(_NAMES, "SYN-CASE-NAMES", said, it.slug)
    else:
        yield fine(_NAMES, f"Its priorities are {', '.join(told.priorities)}, and it has every status.", it.slug)
    yield from (_mapped(it, one, told.priorities) for one in connectors)


def _mapped(it: Integration, one: Connector, there: Sequence[str]) -> Checked:
    check = f"connector {one.name}"
    strange = sorted({pair["case"] for pair in one.priorities} - set(there))
    if strange:
        said = f"It maps the case priorities {', '.join(strange)}, and {it.slug} has {', '.join(there)}."
        return failed(check, "SYN-CASE-NAMES", said, it.slug)
    return fine(check, f"Every case priority it maps is one of {it.slug}'s.", it.slug)
