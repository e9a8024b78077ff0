"""What tests open on purpose: their far sides live on this machine's loopback, which nobody reaches unasked."""

from __future__ import annotations

from syncd.outgoing import parsed

OPENED = "127.0.0.0/8,::1"  # as the setting outgoing_allow has it
LOOPBACK = parsed(OPENED)
