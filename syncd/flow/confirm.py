"""One 401 alone disconnects nobody: the cheapest request of all has to be refused as well."""

from __future__ import annotations

from syncd import errors
from syncd.systems.port import System
from syncd.systems.trip import Trip


def confirmed(system: System, trip: Trip, error: errors.Unauthorised) -> errors.SideError:
    """Unauthorised if the credential itself is refused, else something that passes."""
    try:
        system.check(trip)
    except errors.Unauthorised:
        return error
    except errors.SideError as doubt:
        return errors.Unreachable(f"{error} (the check of the credential failed too: {doubt})", status=error.status)
    return errors.Unreachable(f"{error} (but the credential itself is accepted)", status=error.status)
