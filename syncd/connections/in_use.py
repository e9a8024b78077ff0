"""Which credential an account is used with, for people: its kind and its last four characters, and never more of it.

It is written beside what is sealed, whenever that is another one: whoever lists accounts opens no secret for it, and needs no master key.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.credential import last_four
from syncd.store.integrations import IN_USE

from .grant import grant_of

_KINDS = {"api_key": "API key", "routing_key": "service key", "token": "token"}


def told(credentials: Mapping[str, str]) -> str:
    """Of OAuth the application's id, which PagerDuty goes on showing; its secret it shows once, and tokens never."""
    grant = grant_of(credentials)
    if grant is not None:
        return f"OAuth ({grant.client.kind}), client {last_four(grant.client.id)}"
    return ", ".join(
        f"{called} {last_four(credentials[name])}" for name, called in _KINDS.items() if name in credentials
    )


def setting(credentials: Mapping[str, str]) -> Mapping[str, str]:
    return {IN_USE: told(credentials)}
