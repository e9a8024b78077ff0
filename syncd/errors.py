"""Everything that can go wrong, as a tree. Every message is one sentence with the cause and, where there is one, the fix.

SyncdError
├── Misconfigured        a setting, a key or a file is wrong; a person must mend it (exit 2)
│   └── CannotUnseal     what is sealed cannot be opened with the keys at hand
├── Unavailable          the database, Redis or a daemon cannot be reached (exit 3)
│   └── DatabaseAway     the database cannot be used
│       ├── DiskFull       it has no room left to write to
│       ├── TakesNoWrites  it may only be read
│       └── Locked         another process has been writing to it for too long
├── NotFound             nothing here has that name (exit 4)
├── Conflict             it cannot be done in the state the thing is in (exit 2)
│   ├── SameAccount      this account is connected under another name already
│   └── TakesNoAlerts    this connector takes cases only
├── PartFailed           a child process would not start or stay up
├── Rejected             a door turned the caller away
│   ├── BadSignature     not proven to come from the source
│   ├── NoSecret         we hold no usable secret to check it with: our trouble, not theirs
│   └── Unreadable       proven, but not what the source says it sends
└── SideError            a remote system did not do what we asked
    ├── Unreachable      the connection was never made: the write cannot have landed
    │   ├── OffLimits    its address is one that outgoing_allow does not open
    │   └── Untrusted    it shows a certificate that is not trusted here
    ├── Ambiguous        no answer, a cut or a 5xx: the write may have landed, or may still
    ├── RateLimited      not before `retry_after` seconds
    ├── Postponed        not done, for a reason that passes: look again, then try again
    ├── Unauthorised     the credential is not accepted: hold, do not drop
    │   ├── UnknownSender  the credential is, but not the user our writes are made as
    │   ├── ReadOnly       the credential is, but it may only read
    │   ├── UnknownServiceKey  no service has this integration key
    │   └── GrantRefused   what a person agreed to is over: they have to agree again
    └── Refused          it says no, and would say no again
"""

from __future__ import annotations

import math


class SyncdError(Exception):
    """One sentence for a person, and the code that `syncd explain` knows it by, where there is one."""

    def __init__(self, message: str = "", *, explained_by: str = "") -> None:
        super().__init__(message)
        self.explained_by = explained_by


class Misconfigured(SyncdError):
    pass


class CannotUnseal(Misconfigured):
    pass


class Unavailable(SyncdError):
    pass


class DatabaseAway(Unavailable):
    pass


class DiskFull(DatabaseAway):
    pass


class TakesNoWrites(DatabaseAway):
    pass


class Locked(DatabaseAway):
    pass


class NotFound(SyncdError):
    pass


class Conflict(SyncdError):
    pass


class SameAccount(Conflict):
    def __init__(self, message: str, *, host: str, other: str) -> None:
        super().__init__(message)
        self.host = host
        self.other = other  # the name it has here


class TakesNoAlerts(Conflict):
    pass


class PartFailed(SyncdError):
    pass


class Rejected(SyncdError):
    pass


class BadSignature(Rejected):
    """`subscription`: what the sender says it comes by. Nobody has proven that, and few know the name of one that is there."""

    def __init__(self, sentence: str, subscription: str = "") -> None:
        super().__init__(sentence)
        self.subscription = subscription


class NoSecret(Rejected):
    pass


class Unreadable(Rejected):
    pass


class SideError(SyncdError):
    def __init__(self, message: str, *, status: int | None = None, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status  # the HTTP status, when there was an answer
        self.code = code  # the remote system's own error number, when it gave one


class Unreachable(SideError):
    pass


class OffLimits(Unreachable):
    pass


class Untrusted(Unreachable):
    pass


class Ambiguous(SideError):
    pass


class RateLimited(SideError):
    def __init__(self, message: str, *, retry_after: float, status: int | None = 429, code: int | None = None) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_after = retry_after


class Postponed(SideError):
    def __init__(self, message: str, *, reason: str, status: int | None = None, code: int | None = None) -> None:
        super().__init__(message, status=status, code=code)
        self.reason = reason  # a word of core.reasons


class Unauthorised(SideError):
    pass


class UnknownSender(Unauthorised):
    pass


class ReadOnly(Unauthorised):
    pass


class UnknownServiceKey(Unauthorised):
    pass


class GrantRefused(Unauthorised):
    pass


class Refused(SideError):
    def __init__(
        self, message: str, *, reason: str = "refused", status: int | None = None, code: int | None = None
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.reason = reason  # a word of core.reasons


def in_seconds(limited: RateLimited) -> str:
    """When it makes sense to ask again, for people."""
    return f"{max(1, math.ceil(limited.retry_after))} s"


def cause_of(sentence: str) -> str:
    """Without the fix after it, for whoever knows a better one."""
    return sentence.rpartition(";")[0] or sentence.rstrip(".")
