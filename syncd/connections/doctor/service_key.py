"""A service key: whether its events are taken. Nothing can be read by it, so that only an event could tell."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.core.checked import Checked, failed, fine
from syncd.errors import UnknownServiceKey, cause_of
from syncd.store.integrations import Integration
from syncd.systems.port import System
from syncd.systems.trip import Trip

_CHECK = "service key"
_CODE = "SYN-PAG-SERVICE-KEY"


def looked_at(it: Integration, system: System, trip: Trip, *, may_write: bool) -> Iterator[Checked]:
    if may_write:
        yield _tried(it, system, trip)
    elif not it.is_connected:
        yield failed(_CHECK, it.code or _CODE, integration=it.slug)
    else:
        said = "No event was refused for it; whether one would be taken is only asked with --write-probe."
        yield fine(_CHECK, said, it.slug)


def _tried(it: Integration, system: System, trip: Trip) -> Checked:
    try:
        system.check(trip)
    except UnknownServiceKey as refused:
        return failed(_CHECK, _CODE, f"{cause_of(str(refused))}.", it.slug)
    return fine(_CHECK, "It was taken with a resolve of an alert that never was, which changes nothing.", it.slug)
