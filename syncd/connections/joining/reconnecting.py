"""An account that is disconnected is taken up again with the credential it has: restored rights, a user brought back, a wrong alarm."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.connection import Kind
from syncd.store import integrations

from . import accounts
from .history import begun
from .setup import Setup


def reconnect(setup: Setup, slug: str, *, by: str) -> Mapping[str, str]:
    """What it reached. Raises where it is still refused, and then changes nothing: another credential is what helps."""
    it = setup.integration(slug)
    if it.is_connected:
        return accounts.check(setup, slug)
    with begun(setup, slug, Kind.REINITIATED, by):
        found = accounts.check(setup, slug)
    with setup.db.write() as tx:
        integrations.probe_later(
            tx, slug, setup.db.now(tx)
        )  # The next sweep asks as workers do, and lets go on what was held.
    return found
