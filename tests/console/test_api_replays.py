"""/v1/deliveries/replay and /park: what is taken, what is refused, and that a broker is rung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.reasons import Outcome, Reason
from syncd.store import arrivals, deliveries
from syncd.store.arrivals import NewArrival
from syncd.store.deliveries import Delivery
from tests.store.ledger import NOON


@pytest.fixture
def rung() -> list[Sequence[int]]:
    return []


@pytest.fixture
def parts(parts: Parts, rung: list[Sequence[int]]) -> Parts:
    return replace(parts, ring=rung.append)


@pytest.fixture
def ignored(parts: Parts) -> int:
    """The delivery of a hook about a record that nobody here had opened."""
    with parts.database.write() as tx:
        (number,) = arrivals.add_many(tx, [NewArrival("acme", None, "event", "Q9", b"{}", NOON, 5)])
        assert number is not None
        arrivals.unlinked(tx, [number])
        row = Delivery(
            recorded_at=NOON,
            direction="inbound",
            change="event",
            outcome=Outcome.IGNORED,
            reason=Reason.UNLINKED,
            arrival_id=number,
        )
        deliveries.record_many(tx, [row])
        return int(deliveries.find(tx, {})[0]["id"])


def test_a_replay_is_shown_and_then_done_and_rung_for(
    api: httpx.Client, ignored: int, rung: list[Sequence[int]]
) -> None:
    asked = {"ids": [ignored], "by": "Ben"}
    shown = api.post("/v1/deliveries/replay", json={**asked, "dry_run": True})
    assert (shown.status_code, rung) == (200, [])
    done = api.post("/v1/deliveries/replay", json=asked)
    assert done.json() == shown.json()
    assert done.json() == {
        "replays": [{"delivery": ignored, "is_going": True, "says": "Its hook about Q9 is decided again."}]
    }
    assert rung == [[5]]


def test_what_cannot_be_parked_is_a_conflict(api: httpx.Client, ignored: int) -> None:
    answer = api.post("/v1/deliveries/park", json={"ids": [ignored], "by": "Ben", "why": "no use"})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"Delivery {ignored} is of no change that could be put aside: nothing was to be sent for it.",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [1]},
        {"ids": [], "by": "Ben"},
        {"ids": [0], "by": "Ben"},
        {"ids": [2**63], "by": "Ben"},
        {"ids": list(range(1, 502)), "by": "Ben"},
        {"ids": [1], "by": "Ben", "colour": "red"},
    ],
)
def test_a_body_that_is_none_is_refused(api: httpx.Client, body: dict[str, object]) -> None:
    assert api.post("/v1/deliveries/replay", json=body).status_code == 422


def test_only_with_the_token(stranger: httpx.Client) -> None:
    for act in ("replay", "park"):
        assert stranger.post(f"/v1/deliveries/{act}", json={}).status_code == 401
