"""/v1/deliveries asked in the language, and counted: within the accounts of whoever asks."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.core.query.fields import FIELDS
from tests.store.audit.rows import fill

from .access import add_account, asking, bearing, token

pytestmark = pytest.mark.anyio


@pytest.fixture
def filled(parts: Parts) -> Parts:
    fill(parts.database)
    return parts


async def _got(parts: Parts, path: str, given: str = "") -> httpx.Response:
    async with asking(parts) as client:
        return await client.get(path, headers=bearing(given or parts.api_token))


async def _ids(parts: Parts, asked: str, given: str = "") -> list[int]:
    answer = await _got(parts, f"/v1/deliveries?{asked}", given)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["deliveries"]]


async def test_parameters_and_a_whole_query(filled: Parts) -> None:
    assert await _ids(filled, "outcome=failed,retrying&-reason=refused") == [4]
    assert await _ids(filled, "q=outcome:failed,retrying+-reason:refused") == [4]
    assert await _ids(filled, "attempt=>=2&q=http:4xx&outcome=&http=429") == [4]
    assert await _ids(filled, "actor=Ana+Lima&limit=2") == [4, 3]


async def test_pages_by_the_token_of_the_page_before(filled: Parts) -> None:
    shown: list[int] = []
    after: str | None = ""
    while after is not None:
        answer = (await _got(filled, f"/v1/deliveries?limit=4&after={after}")).json()
        shown += [row["id"] for row in answer["deliveries"]]
        after = answer["next"]
    assert shown == [6, 5, 4, 3, 2, 1]
    assert await _ids(filled, "before=3") == [2, 1]
    assert (await _got(filled, "/v1/deliveries?after=3")).status_code == 422


async def test_what_cannot_be_read_names_the_parameter_and_the_place(filled: Parts) -> None:
    for asked, field, sentence in [
        (
            "outcome=applied,faild",
            "outcome",
            "At character 9 of 'outcome': outcome is never 'faild', did you mean failed",
        ),
        ("q=outcome:faild", "q", "At character 9: outcome is never 'faild', did you mean failed"),
        ("outcom=failed", "outcom", "At character 1 of 'outcom': 'outcom' is no field, did you mean outcome"),
        ("case=%00", "case", "this character is stored nowhere"),
    ]:
        for path in ("/v1/deliveries", "/v1/deliveries/facets", "/v1/deliveries/histogram", "/v1/deliveries/lag"):
            told = (await _got(filled, f"{path}?{asked}")).json()
            assert (told["status"], told["code"]) == (422, "SYN-API-BODY")
            assert sentence in told["detail"]
            assert told["errors"][0]["field"] == field


async def test_counts(filled: Parts) -> None:
    facets = (await _got(filled, "/v1/deliveries/facets?by=integration,http&q=id>0")).json()
    assert facets["facets"]["integration"][0] == {"value": "pagerduty", "count": 3}
    assert list(facets["facets"]) == ["integration", "http"]
    lag = (await _got(filled, "/v1/deliveries/lag?id=>0")).json()
    assert (lag["query"], lag["counted"], lag["p50_ms"]) == ("id>=1", 4, 2000)
    histogram = (await _got(filled, "/v1/deliveries/histogram?at=2026-11-19")).json()
    assert (histogram["step_s"], histogram["start"]) == (1800, "2026-11-19T00:00:00+00:00")
    assert [bar for bar in histogram["bars"] if bar["outcomes"]] == [
        {"at": "2026-11-19T13:00:00+00:00", "outcomes": {"failed": 1}}
    ]
    assert (await _got(filled, "/v1/deliveries/facets")).json()["query"] == "age<7d"


async def test_the_catalogue(parts: Parts) -> None:
    shown = (await _got(parts, "/v1/deliveries/fields")).json()["fields"]
    assert [one["name"] for one in shown] == list(FIELDS)


async def test_a_token_for_some_accounts_finds_and_counts_their_rows_alone(filled: Parts) -> None:
    add_account(filled.database, "other")
    given = token(filled.database, Role.VIEWER, scope=["other"])
    assert await _ids(filled, "", given) == [4, 3]
    assert await _ids(filled, "q=-integration:other", given) == []
    facets = (await _got(filled, "/v1/deliveries/facets?q=id>0&by=integration", given)).json()
    assert (facets["counted"], facets["facets"]) == (2, {"integration": [{"value": "other", "count": 2}]})
    assert (await _got(filled, "/v1/deliveries/lag?q=id>0", given)).json()["counted"] == 2
    bars = (await _got(filled, "/v1/deliveries/histogram?q=id>0", given)).json()["bars"]
    assert sum(sum(bar["outcomes"].values()) for bar in bars) == 2
    since = {"since": "2026-01-01T00:00:00Z"}
    tailed = (await _got(filled, f"/v1/deliveries/tail?{urlencode(since)}", given)).json()
    assert [row["id"] for row in tailed["deliveries"]] == [3, 4]


async def test_whoever_follows_goes_on_from_the_answer_before(filled: Parts) -> None:
    first = (await _got(filled, "/v1/deliveries/tail?since=2026-01-01T00:00:00Z&limit=4&q=id>1")).json()
    assert ([row["id"] for row in first["deliveries"]], first["is_more"]) == ([2, 3, 4, 5], True)
    second = (await _got(filled, f"/v1/deliveries/tail?after={first['next']}&q=id>1")).json()
    assert ([row["id"] for row in second["deliveries"]], second["is_more"]) == ([6], False)
    fill(filled.database)
    third = (await _got(filled, f"/v1/deliveries/tail?after={second['next']}&q=outcome:failed")).json()
    assert [row["id"] for row in third["deliveries"]] == [9]
    assert (await _got(filled, "/v1/deliveries/tail")).json()["deliveries"] == [], "from now on"
    assert (await _got(filled, "/v1/deliveries/tail?after=here")).status_code == 422
