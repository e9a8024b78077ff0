"""Whatever the history of connections knows to say, some flow says: a kind that nothing writes would be an empty promise."""

from __future__ import annotations

import pytest

from syncd.connections.joining import accounts as joined
from syncd.connections.oauth import authorising
from syncd.core.connection import Kind
from syncd.errors import Misconfigured
from syncd.flow import accounts
from syncd.flow.diagnosing import Diagnosis
from syncd.flow.orders import removing
from syncd.simulator import BOT_EMAIL, KEYS
from syncd.simulator.account import Withheld
from syncd.store import connection_log
from tests.connections.oauth_site import ACME, agreed, begun, register
from tests.connections.site import Site


def _diagnosed(site: Site, seconds: float) -> None:
    site.clock.forward(seconds)
    assert Diagnosis(site.db, site.connections, site.clock).look()


def test_every_kind_is_written_by_some_flow(site: Site) -> None:
    register(site.pagerduty)
    site.pagerduty.oauth.denies_next = True
    with pytest.raises(Misconfigured, match="denied"):
        authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty)))
    site.connect()
    joined.rotate(site.setup, ACME, KEYS.full, email=BOT_EMAIL, by="Ana")
    site.pagerduty.people.withhold(KEYS.full, Withheld("/log_entries"))
    accounts.doubted(site.db, ACME)
    _diagnosed(site, 61)
    site.pagerduty.people.revoke(KEYS.full)
    _diagnosed(site, 24 * 3600 + 1)
    removing.remove(site.setup, ACME, by="Ana", is_forced=True)
    with site.db.read() as tx:
        written = {one.kind for one in connection_log.listing(tx, ACME)}
    assert written == set(Kind)
