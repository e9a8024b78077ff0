"""An account is changed while somebody else's credential for it is still being tried: nothing of that is put back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining.accounts import rotate
from syncd.connections.joining.changing import move, send_as
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict
from syncd.simulator import KEYS, Simulator
from syncd.store import connection_log
from tests.parts.meanwhile import Meanwhile

ANA = "ana.lima@example.com"


def test_an_account_that_was_changed_while_its_key_was_tried_keeps_what_it_was_given_then(
    setup: Setup, acme: str, pagerduty: Simulator
) -> None:
    other = replace(setup, clock=Meanwhile(lambda: rotate(setup, acme, KEYS.user)))
    with pytest.raises(Conflict, match="acme was changed meanwhile, so nothing of this was stored; try again"):
        send_as(other, acme, ANA, "Ana")
    assert setup.credentials(setup.integration(acme)) == {"api_key": KEYS.user}, "not the one that was read before"
    other = replace(setup, clock=Meanwhile(lambda: send_as(setup, acme, ANA, "Ana")))
    with pytest.raises(Conflict, match="changed meanwhile"):
        rotate(other, acme, KEYS.full)
    assert setup.integration(acme).settings["from"] == ANA
    with setup.db.read() as tx:
        last = connection_log.listing(tx, acme)[0]
    assert (last.kind, last.detail) == (
        "failed",
        "acme was changed meanwhile, so nothing of this was stored; try again.",
    )
    other = replace(setup, clock=Meanwhile(lambda: rotate(setup, acme, KEYS.full)))
    with pytest.raises(Conflict, match="changed meanwhile"):
        move(other, acme, pagerduty.account.api_url, KEYS.user)
    assert setup.credentials(setup.integration(acme)) == {"api_key": KEYS.full}
