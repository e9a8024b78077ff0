"""An account is asked elsewhere from now on: what is refused of that has its end in the connection log."""

from __future__ import annotations

import pytest

from syncd.connections.joining.changing import move
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict
from syncd.simulator import BOT_EMAIL, KEYS, serve, simulator
from syncd.store import connection_log, integrations
from tests.parts.terms import TERMS


def test_an_address_that_is_refused_only_when_it_is_stored_is_told_as_failed(setup: Setup, acme: str) -> None:
    """Whose it is nobody had asked when it was added, as an earlier release did."""
    with simulator(seed=9) as elsewhere, serve(elsewhere.app) as url:
        elsewhere.account.web_url = "https://globex.pagerduty.com"
        with setup.db.write() as tx:
            integrations.learn_host(tx, acme, "")
        add_pagerduty(setup, "second", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=url)
        with pytest.raises(Conflict, match="is connected already, as second"):
            move(setup, acme, url, KEYS.full, by="Ana")
    with setup.db.read() as tx:
        failed, begun = connection_log.listing(tx, acme, limit=2)
    assert (begun.kind, failed.kind, failed.by, failed.detail) == (
        "reinitiated",
        "failed",
        "Ana",
        "globex.pagerduty.com is connected already.",
    )
