"""/v1/why: the same answer by its path and by ?ref=, and nothing of accounts a token is not for."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.console.queries import WhyQuery
from syncd.console.v1.why import WhyApi
from syncd.core.link import Link, LinkState
from syncd.core.permissions import Role
from syncd.flow.orders import pausing
from syncd.settings import Settings
from syncd.store import links
from syncd.store.cases import Cases, Hand, NewCase
from syncd.wiring import prover

from .access import add_account, asking, bearing, token

pytestmark = pytest.mark.anyio


@pytest.fixture
def case(desk: Cases) -> str:
    return desk.open(NewCase("Checkout is slow"), Hand("Ana Lima", "api")).case.key


def test_by_its_path_and_by_a_query_it_is_the_same_answer(api: httpx.Client, case: str) -> None:
    by_path, by_query = api.get(f"/v1/why/{case}"), api.get("/v1/why", params={"ref": case})
    assert by_path.status_code == by_query.status_code == 200
    assert by_path.json() == by_query.json()
    told = by_path.json()
    assert (told["is_in_step"], told["gate"], told["gate_name"]) == (False, 10, "delivered")
    assert [one["kind"] for one in told["path"]] == ["hook"]


def test_an_address_is_given_by_the_query(api: httpx.Client, case: str) -> None:
    told = api.get("/v1/why", params={"ref": f"http://syncd.test/cases/{case}"}).json()
    assert told["means"] == f"case:{case}"
    assert api.get(f"/v1/why/{quote('case:' + case)}").json()["means"] == f"case:{case}"


def test_what_is_not_known_is_a_problem_and_so_is_no_reference(api: httpx.Client) -> None:
    missing, empty = api.get("/v1/why/CS-99"), api.get("/v1/why")
    assert (missing.status_code, missing.json()["code"]) == (404, "SYN-API-NOTFOUND")
    assert (empty.status_code, empty.json()["code"]) == (422, "SYN-API-BODY")
    assert api.get("/v1/why/CS-1", params={"deep": "true"}).status_code == 422


async def test_a_token_for_some_accounts_learns_nothing_of_others(parts: Parts, case: str) -> None:
    for slug in ("acme", "other"):
        add_account(parts.database, slug)
    given = {slug: token(parts.database, Role.VIEWER, f"for {slug}", scope=[slug]) for slug in ("acme", "other")}
    _link(parts, case)
    async with asking(parts) as client:
        mine, theirs, nobodys = [
            await client.get(f"/v1/why/{ref}", headers=bearing(given[slug]))
            for slug, ref in (("acme", case), ("other", case), ("other", "CS-98"))
        ]
    assert (mine.status_code, mine.json()["link"]) == (200, 1)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.json()["detail"].replace(case, "X") == nobodys.json()["detail"].replace("CS-98", "X")


def _link(parts: Parts, case: str) -> None:
    with parts.database.write() as tx:
        now = parts.database.now(tx)
        made = Link("", "cases", case, "acme", state=LinkState.OPENING)
        stored = links.create(tx, made, key="k", title="t", body="b", shard=1, now=now)
        links.save(tx, stored, replace(stored.link, incident_id="Q1", state=LinkState.OPEN), opened_at=now)


def test_a_pause_is_an_action_with_its_target(api: httpx.Client, parts: Parts, case: str) -> None:
    add_account(parts.database, "acme")
    _link(parts, case)
    pausing.pause(parts.database, 1, by="Ana", why="maintenance")
    told = api.get(f"/v1/why/{case}").json()
    assert (told["action"], told["command"]) == ({"name": "resume_link", "target": "1"}, "syncd links resume 1")


def test_of_evidence_it_is_told_what_was_asked_about(api: httpx.Client, parts: Parts) -> None:
    with_evidence = replace(parts, prover=prover(parts.database, Settings()))
    add_account(parts.database, "acme")
    told = WhyApi(parts.database, lambda: parts.connections, parts.clock, prover=with_evidence.prover).answer(
        WhyQuery(ref="service:Payments")
    )
    assert (told["is_in_step"], told["gate"], told["gate_name"], told["means"]) == (
        False,
        1,
        "switched_on",
        "service:Payments",
    )
    assert told["command"] == "syncd integrations set acme --evidence on"
    assert told["evidence"] == {
        "account": "acme",
        "thing": "service",
        "id": "Payments",
        "name": "Payments",
        "is_found": False,
    }
    assert told["path"] == []
    unknown = api.get("/v1/why/service:Payments")
    assert unknown.status_code == 404, "where nobody knows anything of evidence"


async def test_of_evidence_too_a_token_learns_nothing_of_other_accounts(parts: Parts) -> None:
    parts = replace(parts, prover=prover(parts.database, Settings()))
    for slug in ("acme", "other"):
        add_account(parts.database, slug)
    given = {slug: token(parts.database, Role.VIEWER, f"for {slug}", scope=[slug]) for slug in ("acme", "other")}
    async with asking(parts) as client:
        told = [await client.get("/v1/why/service:Payments", headers=bearing(one)) for one in given.values()]
    assert [one.json()["evidence"]["account"] for one in told] == ["acme", "other"]
    assert "acme" not in told[1].text
