"""Systems as they are opened for work: what one account's refusal quotes of another is masked before anybody can keep it."""

from __future__ import annotations

import pytest

from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.setup import Setup
from syncd.connections.known import of_vault
from syncd.connections.oauth import authorising
from syncd.connections.oauth.wanted import Place, wanted
from syncd.connections.open import Connections
from syncd.errors import Refused
from syncd.simulator import CaseDesk, Simulator
from syncd.simulator.faults import Fault
from syncd.store import integrations
from syncd.systems.pagerduty import oauth
from syncd.systems.trip import Trip
from tests.connections.oauth_site import BACK, SECRET, register
from tests.connections.site import Site
from tests.parts.terms import TERMS


def test_a_refusal_that_quotes_the_credential_of_another_account_is_masked_also_one_that_came_later(
    setup: Setup, acme: str, pagerduty: Simulator, desk: CaseDesk
) -> None:
    connections = Connections(setup.db, setup.vault, setup.clock, outgoing=setup.outgoing)
    trip = Trip.begin("test", setup.clock.monotonic)
    with setup.db.read() as tx:
        connections.know(integrations.all_of(tx).values())
        http = connections.pagerduty(integrations.all_of(tx)[acme])
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    with setup.db.read() as tx:
        connections.know(integrations.all_of(tx).values())
    pagerduty.faults.lay(Fault(path="/abilities", status=403, message=f"Bearer {desk.token} is not good"))
    with pytest.raises(Refused, match="is not good") as refused:
        http.send(trip, "GET", "/abilities")
    assert desk.token not in f"{refused.value} {trip.exchanges}"


def test_what_is_sealed_with_a_secret_and_is_none_stays_readable(site: Site) -> None:
    register(site.pagerduty, "scoped")
    client = oauth.client_of("scoped", "C1", SECRET)
    place = Place(site.pagerduty.account.api_url)
    authorising.begin(site.setup, wanted(site.setup, "acme", client, place, by="me", terms=TERMS), BACK)
    connections = Connections(site.db, site.setup.vault, site.clock)
    with site.db.read() as tx:
        connections.know_all(tx)
    sentence = (
        f"Somebody has to agree again: scoped, two-way, one-way, {TERMS.by}, {BACK}, {site.pagerduty.account.api_url}."
    )
    assert connections.hide({"detail": sentence, "said": f"not {SECRET}"}) == {
        "detail": sentence,
        "said": "not [redacted]",
    }
    found, unknown = of_vault(site.db, site.setup.vault)
    assert SECRET in found
    assert [one for one in found if one in sentence] == unknown == []
