"""How a failure leaves the program: 2 usage or configuration, 3 something is out of reach, 4 not found."""

from __future__ import annotations

from syncd.errors import Misconfigured, NotFound, SyncdError, Unavailable


def exit_code(error: SyncdError) -> int:
    match error:
        case Unavailable():
            return 3
        case NotFound():
            return 4
        case Misconfigured() | _:
            return 2
