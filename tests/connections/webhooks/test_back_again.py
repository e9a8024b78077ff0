"""An account that comes back, from a pause or with another key, is looked at at once: what was put off is not waited for."""

from __future__ import annotations

import pytest

from syncd.connections.joining.accounts import rotate
from syncd.flow import accounts
from syncd.flow.orders import restraint
from syncd.simulator import KEYS
from syncd.simulator.account import Subscription
from syncd.store import integrations
from tests.connections.site import ACME, Site

DISABLED = ("watch", "retrying", "subscription_disabled")
ENABLED = ("enable", "applied", "subscription_enabled")


@pytest.mark.parametrize("let_go", ["key", "pause"])
def test_an_account_that_comes_back_is_looked_at_at_once(site: Site, subscribed: Subscription, let_go: str) -> None:
    site.disable()
    if let_go == "key":
        with site.db.write() as tx:
            now = site.db.now(tx)
            integrations.disconnect(tx, ACME, code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
        assert site.look()
        rotate(site.setup, ACME, KEYS.full)
        accounts.probe(site.db, site.connections, site.clock)
    else:
        restraint.pause(site.db, ACME, by="Ana", why="a move")
        restraint.resume(site.db, ACME, by="Ana")
    assert site.look(0)
    assert site.rows() == [DISABLED, ENABLED]
    assert not site.look(0), "once"
