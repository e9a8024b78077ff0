"""The case system that comes with syncd: always there, and at the address of the daemon."""

from __future__ import annotations

from syncd.core.changes import Side
from syncd.store import integrations, keyring
from syncd.store.database import Database

BUILTIN = "cases"  # the slug of the built-in case system


def ensure_builtin(db: Database, site: str, *, is_home: bool = True) -> None:
    """The built-in cases are always there. Their address is that of the daemon, which alone `is_home` to them."""
    with db.read() as tx:
        there = integrations.get(tx, BUILTIN)
    if there is not None and (there.base_url == site or not is_home):
        return
    with db.write() as tx:
        # Two daemons that start at once must not both be first.
        keyring.hold(tx)
        if integrations.get(tx, BUILTIN) is not None:
            integrations.move(tx, BUILTIN, site)
            return
        integrations.add(
            tx,
            slug=BUILTIN,
            system="cases",
            side=Side.CASE,
            base_url=site,
            settings={},
            sealed=None,
            now=db.now(tx),
        )
