"""The demo's stream of pieces, and who gets a demo session without a token."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import httpx
import pytest

from syncd.console import live
from syncd.console.parts import Parts
from syncd.console.permits import PAGES
from syncd.console.sessions import COOKIE
from syncd.core.changes import Status

from .conftest import Door
from .stage import Stage, staged


@pytest.fixture
def stage(parts: Parts, door: Door) -> Iterator[Stage]:
    with staged(parts, door) as it:
        yield it


@pytest.fixture
def visitor(stage: Stage) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stage.url, trust_env=False) as client:
        client.get("/demo")
        yield client


def messages(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Each as element id -> what is to stand in it."""
    told = ""
    for line in lines:
        if line.startswith("data: "):
            told += line.removeprefix("data: ") + "\n"
        elif told:
            yield dict(re.findall(r'<hx-partial hx-target="#(\w+)"[^>]*>(.*?)</hx-partial>', told, re.DOTALL))
            told = ""


def test_the_stream_begins_with_everything_and_goes_on_with_changes(stage: Stage, visitor: httpx.Client) -> None:
    with visitor.stream("GET", f"/demo/events?case={stage.key}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = messages(answer.iter_lines())
        first = next(told)
        assert set(first) == {"mishaps", "case", "incident", "did", "now", "lag", "age", "banners", "rooms"}
        assert "triggered" in first["incident"]
        stage.case_follows(Status.ACKNOWLEDGED)
        changed = next(told)
    assert set(changed) == {"case", "did", "now"}
    assert "acknowledged" in changed["case"]


def test_what_goes_wrong_over_there_shows_in_the_stream(stage: Stage, visitor: httpx.Client) -> None:
    with visitor.stream("GET", f"/demo/events?case={stage.key}") as answer:
        told = messages(answer.iter_lines())
        assert "Revoke the key" in next(told)["mishaps"]
        stage.sim.people.revoke(stage.sim.keys.full)
        changed = next(told)["mishaps"]
    assert "the key is revoked" in changed
    assert "Bring the key back" in changed


def test_the_stream_ends_when_the_server_is_to_end(stage: Stage, visitor: httpx.Client) -> None:
    ended = threading.Event()

    def listen() -> None:
        with visitor.stream("GET", f"/demo/events?case={stage.key}") as answer:
            begun.set()
            for _ in answer.iter_lines():
                pass
            ended.set()

    begun = threading.Event()
    thread = threading.Thread(target=listen)
    thread.start()
    assert begun.wait(10)
    stage.parts.closing.set()
    thread.join(10)
    assert ended.is_set()


def test_a_quiet_stream_is_kept_open_by_comments(
    stage: Stage, visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUIET", 0.2)
    monkeypatch.setattr(live, "TICK", 0.1)
    with visitor.stream("GET", f"/demo/events?case={stage.key}") as answer:
        assert any(line == ": still here" for line in answer.iter_lines())


def test_the_demo_opens_its_own_session_to_this_machine_only(stage: Stage) -> None:
    here = httpx.get(f"{stage.url}/demo", trust_env=False)
    assert (here.status_code, COOKIE in here.cookies) == (200, True)
    case = httpx.get(f"{stage.url}/cases/{stage.key}", trust_env=False)
    assert (case.status_code, "Ana Lima" in case.text) == (200, True)
    for host in ("evil.test", "evil.test:8080", "127.0.0.1.evil.test", ""):
        rebound = httpx.get(f"{stage.url}/demo", headers={"Host": host}, trust_env=False)
        assert (rebound.status_code, COOKIE in rebound.cookies) == (303, False)


def test_the_stream_and_the_acts_need_the_session(stage: Stage) -> None:
    for answer in (
        httpx.get(f"{stage.url}/demo/events?case={stage.key}", trust_env=False),
        httpx.post(f"{stage.url}/demo/{stage.key}/case/close", trust_env=False),
        httpx.post(f"{stage.url}/demo/{stage.key}/incident/resolve", trust_env=False),
        httpx.post(f"{stage.url}/demo/new", trust_env=False),
    ):
        assert answer.status_code == 401
    assert stage.parts.cases.get(stage.key).status is Status.OPEN


def test_an_act_without_the_form_token_does_nothing(stage: Stage, visitor: httpx.Client) -> None:
    assert visitor.post(f"/demo/{stage.key}/case/close", data={"form_token": "0"}).status_code == 403
    assert stage.parts.cases.get(stage.key).status is Status.OPEN


def test_there_is_no_demo_without_a_plan(base_url: str, api: httpx.Client) -> None:
    assert httpx.get(f"{base_url}/demo", trust_env=False).status_code == 404
    of_the_demo = [place for place in PAGES if place[1].startswith("/demo")]
    assert len(of_the_demo) == 5
    for method, path in of_the_demo:
        assert api.request(method, re.sub(r"\{\w+\}", "x", path)).status_code == 404, path
    assert "Demo" not in api.get("/login").text
