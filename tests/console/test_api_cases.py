"""/v1/cases over a real socket: what it does, what it refuses and in which words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncd.console.intake import MOST_BYTES
from syncd.simulator import CaseDesk, serve
from syncd.store.cases import Cases, Hand

NEW = {"title": "Checkout is slow", "body": "p95", "priority": "P2", "connector": "payments", "by": "Ana Lima"}
PROBLEM = "application/problem+json"


def opened(api: httpx.Client) -> str:
    return str(api.post("/v1/cases", json=NEW).json()["key"])


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    body: dict[str, Any] = answer.json()
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert body["title"]
    assert body["detail"].endswith(".")
    return body


def test_its_names_are_told_as_a_case_desk_tells_its_own(api: httpx.Client) -> None:
    with CaseDesk() as desk, serve(desk.app) as url:
        theirs = httpx.get(f"{url}/v1/names", headers={"Authorization": f"Bearer {desk.token}"}).json()
    assert api.get("/v1/names").json() == theirs


def test_a_case_is_opened_and_read(api: httpx.Client) -> None:
    answer = api.post("/v1/cases", json=NEW)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/cases/CS-1"
    case = api.get("/v1/cases/CS-1").json()
    assert {name: case[name] for name in ("key", "title", "body", "status", "priority", "connector", "version")} == {
        "key": "CS-1",
        "title": "Checkout is slow",
        "body": "p95",
        "status": "open",
        "priority": "P2",
        "connector": "payments",
        "version": 1,
    }
    assert case["url"] == "http://syncd.test/cases/CS-1"
    (line,) = case["timeline"]
    assert (line["kind"], line["by"], line["via"]) == ("open", "Ana Lima", "api")


@pytest.mark.parametrize(
    ("act", "fields", "shows"),
    [
        ("acknowledge", {}, {"status": "acknowledged"}),
        ("resolve", {"note": "Rolled back."}, {"status": "resolved", "resolution_note": "Rolled back."}),
        ("resolve", {}, {"status": "resolved", "resolution_note": ""}),
        ("close", {}, {"status": "closed"}),
        ("priority", {"priority": "P1"}, {"priority": "P1"}),
        ("resolution-note", {"text": "Rolled back."}, {"resolution_note": "Rolled back."}),
    ],
)
def test_an_act_answers_with_the_case(
    api: httpx.Client, act: str, fields: dict[str, str], shows: dict[str, str]
) -> None:
    key = opened(api)
    answer = api.post(f"/v1/cases/{key}/{act}", json={"by": "Ben Osei", **fields})
    assert answer.status_code == 200
    case = answer.json()
    assert {name: case[name] for name in shows} == shows
    assert (case["changed"], case["version"]) == (True, 2)
    assert api.get(f"/v1/cases/{key}").json()["timeline"][-1]["by"] == "Ben Osei"
    again = api.post(f"/v1/cases/{key}/{act}", json={"by": "Ben Osei", **fields}).json()
    assert (again["changed"], again["version"]) == (False, 2)


def test_a_resolved_case_is_reopened(api: httpx.Client) -> None:
    key = opened(api)
    api.post(f"/v1/cases/{key}/resolve", json={"by": "Ana"})
    assert api.post(f"/v1/cases/{key}/reopen", json={"by": "Ana"}).json()["status"] == "open"


def test_a_comment_answers_with_the_comment(api: httpx.Client) -> None:
    key = opened(api)
    answer = api.post(f"/v1/cases/{key}/comments", json={"by": "Ana Lima", "text": "Looking."})
    assert answer.status_code == 201
    (comment,) = api.get(f"/v1/cases/{key}").json()["comments"]
    assert answer.json() == comment
    assert (comment["text"], comment["author"]) == ("Looking.", "Ana Lima")


def test_what_the_state_forbids_is_a_conflict(api: httpx.Client) -> None:
    key = opened(api)
    api.post(f"/v1/cases/{key}/close", json={"by": "Ana"})
    said = problem(api.post(f"/v1/cases/{key}/acknowledge", json={"by": "Ana"}), 409, "SYN-CASE-STATE")
    assert said["detail"] == "CS-1 is closed and cannot become acknowledged; reopen it first."


def test_the_service_that_was_asked_for_is_kept_as_it_was_said(api: httpx.Client) -> None:
    """Whether its connector reaches it is decided when it asks for its incident: somebody is called in any case."""
    headers = {"Idempotency-Key": "b1946ac9"}
    made = api.post("/v1/cases", json={**NEW, "service": "Till"}, headers=headers)
    assert (made.status_code, made.json()["service"]) == (201, "Till")
    assert api.get("/v1/cases/CS-1").json()["service"] == "Till"
    problem(api.post("/v1/cases", json=NEW, headers=headers), 422, "SYN-API-IDEMPOTENCY")
    assert api.post("/v1/cases", json={**NEW, "service": "x" * 256}).status_code == 422


def test_a_repeated_request_opens_one_case(api: httpx.Client) -> None:
    headers = {"Idempotency-Key": "b1946ac9"}
    first = api.post("/v1/cases", json=NEW, headers=headers)
    again = api.post("/v1/cases", json=NEW, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = api.post("/v1/cases", json={**NEW, "title": "Another"}, headers=headers)
    assert "CS-1" in problem(other, 422, "SYN-API-IDEMPOTENCY")["detail"]
    for key in ("", "x" * 256):
        problem(api.post("/v1/cases", json=NEW, headers={"Idempotency-Key": key}), 422, "SYN-API-IDEMPOTENCY")
    assert len(api.get("/v1/cases").json()["cases"]) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 1025}, "title"),
        ({"priority": "P6"}, "priority"),
        ({"priority": 2}, "priority"),
        ({"by": ""}, "by"),
        ({"by": None}, "by"),
        ({"severity": "high"}, "severity"),
    ],
)
def test_a_body_that_is_not_valid_names_the_field(api: httpx.Client, given: dict[str, object], field: str) -> None:
    body = problem(api.post("/v1/cases", json={**NEW, **given}), 422, "SYN-API-BODY")
    assert [fault["field"] for fault in body["errors"]] == [field]
    assert field in body["detail"]


@pytest.mark.parametrize(
    ("path", "needs"),
    [
        (
            "/v1/cases",
            "with title and by (and, if you like, body, priority, connector, source, team, labels, service).",
        ),
        ("/v1/cases/CS-1/close", "with by."),
        ("/v1/deliveries/park", "with by and ids and why."),
    ],
)
@pytest.mark.parametrize("body", [b"", b" \n"])
def test_a_request_without_a_body_is_told_what_it_needs(api: httpx.Client, path: str, needs: str, body: bytes) -> None:
    said = problem(api.post(path, content=body), 422, "SYN-API-BODY")
    assert said["detail"] == f"The request has no body; send a JSON object {needs}"


@pytest.mark.parametrize("asked", ["cases?status=sleeping", "cases?priority=P8", "links?state=foo"])
def test_a_word_that_is_none_of_ours_is_answered_with_ours(api: httpx.Client, asked: str) -> None:
    said = problem(api.get(f"/v1/{asked}"), 422, "SYN-API-BODY")
    (fault,) = said["errors"]
    assert fault["field"] in {"status", "priority", "state"}
    assert fault["detail"].startswith("use ")
    assert " or " in fault["detail"]


def test_the_answer_shows_the_connector_that_took_it(api: httpx.Client) -> None:
    asked = {"title": "Checkout is slow", "by": "Ana"}
    assert api.post("/v1/cases", json=asked).json()["connector"] == "payments", "the only one there is"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"title": "\\ud800", "by": "Ana"}', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_not_valid(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/v1/cases", content=body, headers={"content-type": "application/json"})
    problem(answer, 422, "SYN-API-BODY")


def test_a_comment_without_words_is_not_valid(api: httpx.Client) -> None:
    key = opened(api)
    problem(api.post(f"/v1/cases/{key}/comments", json={"by": "Ana", "text": " \n"}), 422, "SYN-API-BODY")


def test_limits_of_size_and_kind(api: httpx.Client) -> None:
    huge = {**NEW, "body": "x" * MOST_BYTES}
    problem(api.post("/v1/cases", json=huge), 413, "SYN-API-SIZE")
    problem(api.post("/v1/cases", content="title=x", headers={"content-type": "text/plain"}), 415, "SYN-API-MEDIA")


def test_a_body_sent_in_pieces_has_the_same_limit(api: httpx.Client) -> None:
    def pieces() -> Any:  # noqa: ANN401 - httpx takes any iterable
        for _ in range(MOST_BYTES // 65536 + 2):
            yield b" " * 65536

    try:
        answer = api.post("/v1/cases", content=pieces(), headers={"content-type": "application/json"})
    except httpx.TransportError:
        return  # The server had answered and hung up before all was sent.
    assert answer.status_code == 413


@pytest.mark.parametrize("key", ["CS-99", "CS-x", "%00"])
def test_an_unknown_case_is_not_found(api: httpx.Client, key: str) -> None:
    problem(api.get(f"/v1/cases/{key}"), 404, "SYN-API-NOTFOUND")
    problem(api.post(f"/v1/cases/{key}/close", json={"by": "Ana"}), 404, "SYN-API-NOTFOUND")


def test_an_unknown_place_and_method(api: httpx.Client) -> None:
    problem(api.get("/v1/nothing"), 404, "SYN-API-NOTFOUND")
    answer = api.put("/v1/cases", json=NEW)
    problem(answer, 405, "SYN-API-METHOD")
    assert {each.strip() for each in answer.headers["allow"].split(",")} >= {"GET", "POST"}


@pytest.mark.parametrize(
    "given",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}, {"Authorization": b"Bearer \xe9"}],
)
def test_nobody_gets_in_without_the_token(stranger: httpx.Client, given: dict[str, Any]) -> None:
    for answer in (
        stranger.get("/v1/cases", headers=given),
        stranger.post("/v1/cases", json=NEW, headers=given),
        stranger.get("/v1/links", headers=given),
        stranger.get("/v1/deliveries", headers=given),
    ):
        problem(answer, 401, "SYN-API-TOKEN")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_cases_are_listed_by_page_and_filter(api: httpx.Client, desk: Cases) -> None:
    keys = [opened(api) for _ in range(3)]
    desk.close(keys[0], Hand("Ana", "page"))
    first = api.get("/v1/cases?limit=2").json()
    assert ([case["key"] for case in first["cases"]], first["next"]) == (["CS-3", "CS-2"], "CS-2")
    rest = api.get(f"/v1/cases?limit=2&before={first['next']}").json()
    assert ([case["key"] for case in rest["cases"]], rest["next"]) == (["CS-1"], None)
    assert [case["key"] for case in api.get("/v1/cases?status=closed").json()["cases"]] == ["CS-1"]
    problem(api.get("/v1/cases?status=sleeping"), 422, "SYN-API-BODY")
    problem(api.get("/v1/cases?order=asc"), 422, "SYN-API-BODY")
    problem(api.get("/v1/cases?limit=0"), 422, "SYN-API-BODY")


def test_every_answer_is_kept_nowhere_and_runs_nothing(api: httpx.Client, stranger: httpx.Client) -> None:
    for answer in (api.get("/v1/cases"), stranger.get("/v1/cases"), stranger.get("/login"), api.get("/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
