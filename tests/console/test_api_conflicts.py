"""/v1/conflicts: what is listed, what a decision makes, what is refused, and that a broker is rung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.console.parts import Parts
from syncd.core.changes import Field, Side
from syncd.core.link import FieldConflict, Link, LinkState
from syncd.store import connectors, links
from tests.flow.far_side import FarSide
from tests.store.ledger import NOON, SHARD


@pytest.fixture
def rung() -> list[Sequence[int]]:
    return []


@pytest.fixture
def parts(parts: Parts, rung: list[Sequence[int]]) -> Parts:
    return replace(parts, ring=rung.append)


@pytest.fixture
def disputed(parts: Parts) -> int:
    """Two resolution notes of one link, which need no map to be chosen from."""
    field = Field.RESOLUTION_NOTE
    far_side = FarSide(Side.INCIDENT, StoppedClock(NOON))
    parts.connections._systems["acme"] = ((None, "http://pagerduty.test", {}, False), far_side)
    with parts.database.write() as tx:
        connector = next(iter(connectors.all_of(tx).values()))
        made = Link("", connector.case_system, "C-9", connector.integration, connector=connector.name)
        stored = links.create(
            tx, replace(made, state=LinkState.OPENING), key="k9", title="t", body="", shard=SHARD, now=NOON
        )
        link = replace(stored.link, state=LinkState.OPEN, incident_id="Q9")
        link = link.saw(Side.CASE, field, "the disk", NOON).saw(Side.INCIDENT, field, "the network", NOON)
        by = {Side.CASE: "Ann", Side.INCIDENT: "Ben"}
        return links.save(tx, stored, link.in_conflict(field, FieldConflict(by, since=NOON))).id


def _decision(number: int, **others: object) -> dict[str, object]:
    return {"link": number, "field": "resolution_note", "to": "pagerduty", "by": "Eve", **others}


def test_a_decision_ends_it_and_is_on_its_way_at_once(
    api: httpx.Client, parts: Parts, disputed: int, rung: list[Sequence[int]]
) -> None:
    (listed,) = api.get("/v1/conflicts").json()["conflicts"]
    assert (listed["case"], listed["incident"]) == ("the disk", "the network")
    done = api.post("/v1/conflicts/resolve", json=_decision(disputed))
    says = f"The resolution_note of link {disputed} is now what PagerDuty says; it goes to the other side as any change does."
    assert (done.status_code, done.json()) == (200, {**_decision(disputed), "says": says})
    assert api.get("/v1/conflicts").json() == {"conflicts": []}
    assert rung == [[SHARD]]
    with parts.database.read() as tx:
        stored = links.get(tx, disputed)
    assert stored is not None
    assert stored.link.wanted[Side.CASE, Field.RESOLUTION_NOTE].value == "the network"


def test_what_is_in_no_conflict_is_one_with_the_request(api: httpx.Client, disputed: int) -> None:
    answer = api.post("/v1/conflicts/resolve", json=_decision(disputed, field="priority"))
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"The priority of link {disputed} is in no conflict; see `syncd conflicts list`.",
    )
    assert api.post("/v1/conflicts/resolve", json=_decision(disputed + 1)).status_code == 404


@pytest.mark.parametrize("wrong", [{"field": "status"}, {"to": "both"}, {"by": ""}, {"link": 0}, {"colour": "red"}])
def test_a_body_that_is_none_is_refused(api: httpx.Client, disputed: int, wrong: dict[str, object]) -> None:
    assert api.post("/v1/conflicts/resolve", json=_decision(disputed, **wrong)).status_code == 422


def test_only_with_the_token(stranger: httpx.Client) -> None:
    assert stranger.get("/v1/conflicts").status_code == 401
    assert stranger.post("/v1/conflicts/resolve", json={}).status_code == 401
