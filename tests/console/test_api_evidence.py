"""Evidence is switched on over HTTP, when an account is added and later, and the list of accounts says so."""

from __future__ import annotations

import httpx

from syncd.simulator import Simulator

from .test_api_joining import FIELDS, joining, pagerduty

__all__ = ["joining", "pagerduty"]


def _gives(joining: httpx.Client) -> bool:
    (found,) = [one for one in joining.get("/v1/integrations").json()["integrations"] if one["name"] == "pager"]
    return bool(found["gives_evidence"])


def test_an_account_is_added_for_evidence_and_switched_off_again(joining: httpx.Client, pagerduty: Simulator) -> None:
    fields = {**FIELDS, "name": "pager", "where": pagerduty.account.api_url, "evidence": True}
    assert joining.post("/v1/integrations", json=fields).status_code == 201
    assert _gives(joining)
    off = joining.post("/v1/integrations/pager/set", json={"by": "Ana", "evidence": False})
    assert (off.status_code, off.json()["says"]) == (
        200,
        "Evidence is collected from pager no more; what was collected stays.",
    )
    assert not _gives(joining)
    again = joining.post("/v1/integrations/pager/set", json={"by": "Ana", "evidence": False})
    assert again.json()["says"] == "Evidence is not collected from pager, and nothing was changed."
    on = joining.post("/v1/integrations/pager/set", json={"by": "Ana", "evidence": True})
    assert "`syncd evidence status pager` shows how far that is" in on.json()["says"]


def test_nothing_is_switched_where_nothing_is_named(joining: httpx.Client, pagerduty: Simulator) -> None:
    fields = {**FIELDS, "name": "pager", "where": pagerduty.account.api_url}
    assert joining.post("/v1/integrations", json=fields).status_code == 201
    assert not _gives(joining)
    refused = joining.post("/v1/integrations/pager/set", json={"by": "Ana"})
    assert refused.status_code == 422
    assert "evidence or consent" in refused.text
