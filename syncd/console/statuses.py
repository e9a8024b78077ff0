"""Which answer each error of syncd is over HTTP: its status, its code and what goes with it. No room translates its own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncd import errors
from syncd.connections.routing.wrong import Wrong
from syncd.core.query.address import WHOLE
from syncd.core.query.fault import QueryError
from syncd.flow.access.signing_in import NotNow
from syncd.flow.access.tokens import NoEntry
from syncd.flow.once import UnderWay, Unrepeatable

_SOON = 5.0  # seconds after which what is away now may be back


@dataclass(frozen=True, slots=True)
class Fault:
    """One field of a request that is not as it should be."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    status: int
    code: str = ""  # the usual one of its status, when it is empty
    headers: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


#: The nearest class of an error counts. 401 and 403 are kept for the token that asks: whoever gets one would change that. What a far
#: side says is 502 to 504, and never 404 or 409, which are about what is here.
STANDINGS: Mapping[type[errors.SyncdError], tuple[int, str]] = {
    errors.SyncdError: (500, ""),
    errors.Misconfigured: (422, ""),
    errors.CannotUnseal: (500, "SYN-API-KEYS"),
    errors.Unavailable: (503, ""),
    errors.DatabaseAway: (503, ""),
    errors.DiskFull: (507, "SYN-API-DISK"),
    errors.TakesNoWrites: (503, ""),
    errors.Locked: (503, ""),
    errors.NotFound: (404, ""),
    errors.Conflict: (409, ""),
    errors.SameAccount: (409, "SYN-API-CONNECTED"),
    errors.TakesNoAlerts: (409, "SYN-API-ALERTS"),
    errors.PartFailed: (500, ""),
    errors.Rejected: (401, ""),
    errors.BadSignature: (401, ""),
    errors.NoSecret: (503, "SYN-API-KEYS"),
    errors.Unreadable: (400, "SYN-API-BODY"),
    NoEntry: (401, ""),
    NotNow: (429, ""),
    UnderWay: (409, "SYN-API-UNDERWAY"),
    Unrepeatable: (409, "SYN-API-ONCE"),
    errors.SideError: (502, "SYN-FAR-FAILED"),
    errors.Unreachable: (502, "SYN-FAR-UNREACHABLE"),
    errors.OffLimits: (502, "SYN-FAR-OFFLIMITS"),
    errors.Untrusted: (502, "SYN-FAR-UNTRUSTED"),
    errors.Ambiguous: (504, "SYN-FAR-SILENT"),
    errors.RateLimited: (503, "SYN-FAR-BUSY"),
    errors.Postponed: (503, "SYN-FAR-LATER"),
    errors.Unauthorised: (502, "SYN-FAR-CREDENTIAL"),
    errors.UnknownSender: (502, "SYN-PAG-SENDER"),
    errors.ReadOnly: (502, "SYN-PAG-READONLY"),
    errors.UnknownServiceKey: (502, "SYN-PAG-SERVICE-KEY"),
    errors.GrantRefused: (502, "SYN-FAR-CREDENTIAL"),
    errors.Refused: (502, "SYN-FAR-REFUSED"),
}


def standing_of(error: errors.SyncdError) -> Standing:
    status, usual = next(STANDINGS[kind] for kind in type(error).__mro__ if kind in STANDINGS)
    code = error.explained_by or usual
    match error:
        case Wrong(all=faults):
            return Standing(status, code, faults=[Fault(one.key, f"{one.sentence}.") for one in faults])
        case QueryError():
            return Standing(status, code, faults=(Fault(error.where or WHOLE, str(error)),))
        case NoEntry(code=own):
            return Standing(status, own or code, {"WWW-Authenticate": "Bearer"})
        case errors.Rejected() if status == 401:
            return Standing(status, code, {"WWW-Authenticate": "Bearer"})
        case _ if status in {429, 503} or isinstance(error, UnderWay):
            seconds = getattr(error, "retry_after", _SOON)
            return Standing(status, code, {"Retry-After": str(math.ceil(seconds))})
        case _:
            return Standing(status, code)
