"""An account that was connected to be only read is written to from now on, once its credential may, or the other way round."""

from __future__ import annotations

from syncd.core.connection import Kind
from syncd.errors import Conflict
from syncd.store import connection_log, integrations

from . import accounts
from .kept import at_of_stored
from .reach import reach
from .setup import Setup, talking


def switch(setup: Setup, slug: str, *, is_on: bool, by: str) -> bool:
    """`is_on`: only read. Whether it changed anything."""
    it = setup.integration(slug)
    if it.system != "pagerduty":
        raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
    if it.is_read_only is is_on:
        return False
    if not is_on:
        at = at_of_stored(setup, it, is_read_only=False)
        with talking():
            reach(setup, slug, at)  # It raises where the credential may not write, or nobody is named for our writes.
    with setup.db.write() as tx:
        accounts.locked_unchanged(tx, it)
        integrations.read_only(tx, slug, is_on=is_on)
        detail = "It is only read from now on." if is_on else "It is written to from now on, and not only read."
        connection_log.add(tx, slug, Kind.UPDATED, now=setup.db.now(tx), by=by, detail=detail)
    return True
