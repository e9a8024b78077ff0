"""/v1/links and /v1/deliveries: the rows as they are, by filter and page."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from syncd.core.changes import Field, Side, Status
from syncd.core.link import Link, LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.store import deliveries, links
from syncd.store.database import Database
from syncd.store.deliveries import Delivery

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def two_links(store: Database) -> None:
    with store.write() as tx:
        for number in ("1", "2"):
            link = Link("", "cases", f"CS-{number}", "acme", state=LinkState.OPENING, connector="payments")
            link = link.saw(Side.CASE, Field.STATUS, Status.OPEN, NOON)
            stored = links.create(tx, link, key=f"syncd:CS-{number}", title="t", body="b", shard=1, now=NOON)
            if number == "1":
                opened = Link(
                    **{
                        **{name: getattr(stored.link, name) for name in Link.__slots__},
                        "incident_id": "Q1",
                        "state": LinkState.OPEN,
                    }
                )
                links.save(tx, stored, opened, opened_at=NOON)


@pytest.fixture
def three_deliveries(store: Database) -> None:
    with store.write() as tx:
        deliveries.record_many(
            tx,
            [
                Delivery(
                    recorded_at=NOON,
                    direction=direction,
                    change="acknowledge",
                    outcome=outcome,
                    reason=reason,
                    link_id=link,
                    case_id=f"CS-{link}",
                    incident_id=f"Q{link}",
                    request={"method": "PUT"},
                    e2e_ms=412,
                )
                for direction, outcome, reason, link in (
                    ("inbound", Outcome.APPLIED, Reason.CHANGED, 1),
                    ("outbound", Outcome.SUPPRESSED, Reason.ECHO, 1),
                    ("outbound", Outcome.APPLIED, Reason.CHANGED, 2),
                )
            ],
        )


@pytest.mark.usefixtures("two_links")
def test_links_are_found_by_either_side(api: httpx.Client) -> None:
    assert [link["case_id"] for link in api.get("/v1/links").json()["links"]] == ["CS-2", "CS-1"]
    (by_case,) = api.get("/v1/links?case=CS-1").json()["links"]
    (by_incident,) = api.get("/v1/links?incident=Q1").json()["links"]
    (opening,) = api.get("/v1/links?state=opening").json()["links"]
    assert by_case == by_incident == api.get(f"/v1/links/{by_case['id']}").json()
    assert (by_case["incident_id"], by_case["state"], by_case["connector"]) == ("Q1", "open", "payments")
    assert by_case["known"] == {"case.status": ["open", NOON.isoformat()]}
    assert by_case["created_at"] == "2026-11-21T12:00:00.000000+00:00"
    assert opening["case_id"] == "CS-2"
    assert api.get("/v1/links?case=CS-3").json() == {"links": [], "next": None}


@pytest.mark.usefixtures("two_links")
@pytest.mark.parametrize(
    "path",
    ["/v1/links/99", "/v1/links/CS-1", "/v1/deliveries/99", "/v1/links/" + "9" * 30, "/v1/deliveries/" + "9" * 30],
)
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "SYN-API-NOTFOUND")


@pytest.mark.usefixtures("three_deliveries")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", [3, 2, 1]),
        ("case=CS-1", [2, 1]),
        ("incident=Q2", [3]),
        ("link=1", [2, 1]),
        ("outcome=applied", [3, 1]),
        ("direction=outbound", [3, 2]),
        ("direction=outbound&case=CS-1", [2]),
        ("before=3", [2, 1]),
        ("limit=1", [3]),
    ],
)
def test_deliveries_by_filter(api: httpx.Client, asked: str, found: list[int]) -> None:
    assert [row["id"] for row in api.get(f"/v1/deliveries?{asked}").json()["deliveries"]] == found


@pytest.mark.usefixtures("three_deliveries")
def test_deliveries_go_on_where_the_page_before_ended(api: httpx.Client) -> None:
    first = api.get("/v1/deliveries?limit=2").json()
    rest = api.get(f"/v1/deliveries?limit=2&after={first['next']}").json()
    assert [row["id"] for row in rest["deliveries"]] == [1]
    assert rest["next"] is None


@pytest.mark.usefixtures("three_deliveries")
def test_one_delivery_is_shown_whole(api: httpx.Client) -> None:
    row = api.get("/v1/deliveries/1").json()
    assert (row["direction"], row["outcome"], row["reason"], row["e2e_ms"]) == ("inbound", "applied", "changed", 412)
    assert row["request"] == {"method": "PUT"}
    assert row["recorded_at"] == "2026-11-21T12:00:00.000000+00:00"


@pytest.mark.parametrize(
    "asked", ["link=x", "link=" + "9" * 30, "direction=up", "after=3", "limit=501", "outcome=bogus"]
)
def test_a_filter_that_makes_no_sense_is_refused(api: httpx.Client, asked: str) -> None:
    answer = api.get(f"/v1/deliveries?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (422, "SYN-API-BODY")


@pytest.mark.usefixtures("two_links")
def test_a_link_is_paused_and_goes_on(api: httpx.Client) -> None:
    paused = api.post("/v1/links/1/pause", json={"by": "Ana", "why": "maintenance"})
    assert paused.status_code == 200
    assert (paused.json()["is_paused"], paused.json()["pause_reason"]) == (True, "Paused by Ana: maintenance")
    assert {**api.get("/v1/links/1").json(), "changed": True, "says": paused.json()["says"]} == paused.json()
    again = api.post("/v1/links/1/pause", json={"by": "Ben", "why": "no idea"})
    assert (again.status_code, again.json()["changed"], again.json()["paused_at"]) == (
        200,
        False,
        paused.json()["paused_at"],
    )
    assert "is paused already since 20" in again.json()["says"]
    assert again.json()["says"].endswith("Paused by Ana: maintenance")
    resumed = api.post("/v1/links/1/resume", json={"by": "Ana"}).json()
    assert (resumed["is_paused"], resumed["reason"]) == (False, "")


@pytest.mark.usefixtures("two_links")
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/links/9/pause", {"by": "Ana"}, 404),
        (f"/v1/links/{2**64}/resume", {"by": "Ana"}, 404),
        ("/v1/links/1/pause", {}, 422),
        ("/v1/links/1/resume", {"by": "Ana", "why": "no"}, 422),
    ],
)
def test_a_pause_of_nothing_or_by_nobody_is_refused(
    api: httpx.Client, path: str, body: dict[str, str], status: int
) -> None:
    assert api.post(path, json=body).status_code == status
    assert not api.get("/v1/links/1").json()["is_paused"]


def test_links_are_listed_page_by_page(store: Database, api: httpx.Client) -> None:
    with store.write() as tx:
        for number in range(3):
            made = Link("", "cases", f"CS-{number}", "acme", state=LinkState.OPENING)
            links.create(tx, made, key=f"syncd:CS-{number}", title="t", body="b", shard=1, now=store.now(tx))
    first = api.get("/v1/links", params={"limit": 2}).json()
    rest = api.get("/v1/links", params={"limit": 2, "before": first["next"]}).json()
    assert [one["case_id"] for page in (first, rest) for one in page["links"]] == ["CS-2", "CS-1", "CS-0"]
    assert rest["next"] is None
