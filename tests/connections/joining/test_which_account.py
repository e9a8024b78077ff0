"""An account is connected once: which one it is its own pages say, and not the address that it is asked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.pagerduty import add_pagerduty, look
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from tests.parts.terms import TERMS

from .test_accounts import slugs, stored


@pytest.mark.parametrize(
    "spell",
    [lambda url: f"{url}/", str.upper, lambda url: url.replace("127.0.0.1", "localhost")],
    ids=["slash", "capitals", "another name"],
)
def test_an_account_is_connected_once_however_its_address_is_spelled(
    setup: Setup, acme: str, pagerduty: Simulator, spell: Callable[[str], str]
) -> None:
    where = spell(pagerduty.account.api_url)
    with pytest.raises(Conflict, match=r"simulated\.pagerduty\.com is connected already, as acme"):
        add_pagerduty(setup, "again", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=where)
    with pytest.raises(Conflict, match="connected already, as acme"):
        look(setup, "again", api_key=KEYS.user, where=where)
    assert slugs(setup) == [acme, BUILTIN]


def test_two_accounts_of_one_machine_are_two(setup: Setup, pagerduty: Simulator) -> None:
    with simulator(seed=4) as other, serve(other.app) as url:
        for slug, one, where in (("acme", pagerduty, pagerduty.account.api_url), ("second", other, url)):
            one.account.web_url = where
            add_pagerduty(setup, slug, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=where)
        assert stored(setup, "second").account_host == url.removeprefix("http://")
