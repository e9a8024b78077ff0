"""POST /v1/integrations/{slug}/reconnect: as the command says it, and no answer tells a secret."""

from __future__ import annotations

import httpx

from syncd.simulator import KEYS, Simulator
from syncd.store import integrations
from syncd.store.database import Database

from .test_api_joining import FIELDS, joining, pagerduty

__all__ = ["joining", "pagerduty"]


def test_an_account_is_taken_up_with_what_it_has_or_with_another_key(
    joining: httpx.Client, pagerduty: Simulator, store: Database
) -> None:
    added = joining.post("/v1/integrations", json={**FIELDS, "name": "pager", "where": pagerduty.account.api_url})
    assert added.status_code == 201, added.text
    pagerduty.people.revoke(KEYS.full)
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "pager", code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    refused = joining.post("/v1/integrations/pager/reconnect", json={"by": "Ana"})
    assert (refused.status_code, refused.json()["code"]) == (422, "PAG-100-B")
    pagerduty.people.restore(KEYS.full)
    taken = joining.post("/v1/integrations/pager/reconnect", json={"by": "Ana"})
    assert taken.status_code == 200
    assert "accepted again" in taken.json()["says"]
    another = joining.post("/v1/integrations/pager/reconnect", json={"by": "Ana", "secret": KEYS.full})
    said = "pager has its new credential; what was held goes on within seconds. Writes go out as syncd-bot@example.com (as before)."
    assert another.json()["says"] == said
    assert KEYS.full not in refused.text + taken.text + another.text
