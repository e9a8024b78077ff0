"""What is done over /v1 keeps the trace of whoever asks, as far as its row and its change."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from syncd.console.parts import Parts
from syncd.store.tables import arrivals
from syncd.tracing import context

GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def traces(parts: Parts) -> list[str]:
    with parts.database.read() as tx:
        return list(tx.scalars(select(arrivals.c.trace).order_by(arrivals.c.id)))


@pytest.mark.parametrize(("sent", "is_kept"), [(GOOD, True), ("nonsense", False), ("", False)])
def test_a_case_s_change_is_of_the_request_that_made_it(
    api: httpx.Client, parts: Parts, sent: str, *, is_kept: bool
) -> None:
    opened = api.post("/v1/cases", json={"title": "Slow", "by": "Ana"}, headers={"traceparent": sent})
    key = opened.json()["key"]
    api.post(f"/v1/cases/{key}/comments", json={"text": "one", "by": "Ana"}, headers={"traceparent": sent})
    api.post(f"/v1/cases/{key}/comments", json={"text": "two", "by": "Ana"})
    *first, last = traces(parts)
    assert first
    assert {one == GOOD for one in first} == {is_kept}
    assert last != GOOD
    assert all(context.valid(one) == one for one in (*first, last))
