"""One refusal alone disconnects nobody: a second and cheaper question about the same has to be refused as well."""

from __future__ import annotations

from syncd import errors
from syncd.core.reasons import Reason
from syncd.systems.port import System
from syncd.systems.trip import Trip


def confirmed(system: System, trip: Trip, error: errors.Unauthorised) -> errors.SideError:
    """Unauthorised if what was refused is refused in itself, else something that passes."""
    is_sender = isinstance(error, errors.UnknownSender)
    try:
        if is_sender:
            system.check_sender(trip)
        else:
            system.check(trip)
    except errors.Unauthorised as found:
        return found if is_sender else error
    except errors.SideError as doubt:
        return errors.Unreachable(f"{error} (the check of the credential failed too: {doubt})", status=error.status)
    if is_sender:
        message = f"{error} (but that user may respond, and so is perhaps refused here alone)"
        return errors.Postponed(message, reason=Reason.UNKNOWN_SENDER, status=error.status, code=error.code)
    return errors.Unreachable(f"{error} (but the credential itself is accepted)", status=error.status)


def confirmed_refusal(system: System, trip: Trip, error: errors.Refused) -> errors.SideError:
    """ReadOnly if what was forbidden was writing in itself; else it was this one change."""
    if error.reason != Reason.FORBIDDEN:
        return error
    try:
        system.check_writing(trip)
    except errors.ReadOnly as found:
        return found
    except errors.SideError as doubt:
        told = f"{error} (whether the credential may write at all could not be asked: {doubt})"
        return errors.Unreachable(told, status=error.status)
    return error
