"""Systems as they are opened for work: what one account's refusal quotes of another is masked before anybody can keep it."""

from __future__ import annotations

import pytest

from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.errors import Refused
from syncd.simulator import CaseDesk, Simulator
from syncd.simulator.faults import Fault
from syncd.store import integrations
from syncd.systems.trip import Trip


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
