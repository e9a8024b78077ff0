"""What can happen to a connection, from the first try to its end. Its log is made of these."""

from __future__ import annotations

from enum import StrEnum

#: What an account's log says when it was given another key.
ROTATED = "Another credential was given."


class Kind(StrEnum):
    INITIATED = "initiated"  # somebody began to connect it
    DELEGATED = "delegated"  # somebody else was asked to finish that, by a link
    FAILED = "failed"  # it came to nothing: the code and the detail say why
    CONNECTED = "connected"
    ERRORED = "errored"  # something it needs is refused, and what does not need it goes on
    DISCONNECTED = "disconnected"
    REINITIATED = "reinitiated"  # somebody began to connect it again
    UPDATED = "updated"  # a setting or a credential was changed
    REMOVED = "removed"


#: Of a disconnected account that is read all the same: its credential is accepted, and may not write.
STILL_READ = frozenset({"SYN-PAG-READONLY", "SYN-PAG-SENDER"})
