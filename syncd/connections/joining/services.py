"""Picking one of an account's services."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.errors import Misconfigured, NotFound
from syncd.systems.pagerduty.account import Service


def chosen(services: Sequence[Service], wanted: str) -> Service:
    """By id, or by a name that only one has."""
    found = [one for one in services if wanted == one.id] or [one for one in services if wanted == one.name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(f"{one.name} ({one.id})" for one in (found or services))[:20])
    if found:
        raise Misconfigured(f"Several services are called {wanted}; use an id: {names}.")
    raise NotFound(f"The account has no service {wanted}; it has {names or 'none'}.")
