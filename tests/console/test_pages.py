"""Signing in, and the page of a case: what it shows, what it does, and whom it turns away."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from syncd.clock import Clock, StoppedClock
from syncd.console.parts import Parts
from syncd.console.sessions import COOKIE, LASTS
from syncd.core.changes import Status
from syncd.store import connectors
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database

from .conftest import TOKEN, Door

ANA = Hand("Ana Lima", "api")


@pytest.fixture
def key(desk: Cases) -> str:
    return desk.open(NewCase("Checkout <b>is</b> slow", "p95 above 2 s", "P2"), ANA).case.key


def sign_in(client: httpx.Client, going: str = "", name: str = "Ben Osei") -> httpx.Response:
    return client.post("/login", data={"token": TOKEN, "name": name, "next": going})


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def test_what_is_not_there_is_a_page_in_a_browser_and_leads_back(stranger: httpx.Client) -> None:
    seen = stranger.get("/nothing<b>", headers={"Accept": "text/html,*/*;q=0.8"})
    plain = stranger.get("/nothing")
    assert (seen.status_code, seen.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<a href="/">' in seen.text
    assert "There is nothing at /nothing&lt;b&gt;." in seen.text
    assert (plain.status_code, plain.text) == (404, "There is nothing at /nothing.")


def test_a_stranger_is_asked_who_it_is_and_then_sees_the_page(stranger: httpx.Client, key: str) -> None:
    turned = stranger.get(f"/cases/{key}")
    assert (turned.status_code, turned.headers["location"]) == (303, f"/login?next=/cases/{key}")
    asked = stranger.get(turned.headers["location"])
    assert f'value="/cases/{key}"' in asked.text
    entered = sign_in(stranger, f"/cases/{key}")
    assert (entered.status_code, entered.headers["location"]) == (303, f"/cases/{key}")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert TOKEN not in cookie
    page = stranger.get(f"/cases/{key}")
    assert page.status_code == 200
    assert "Checkout &lt;b&gt;is&lt;/b&gt; slow" in page.text
    assert "Ben Osei" in page.text


def test_a_wrong_token_opens_nothing(stranger: httpx.Client, key: str) -> None:
    refused = stranger.post("/login", data={"token": "wrong", "name": "Eve"})
    assert refused.status_code == 401
    assert COOKIE not in refused.cookies
    assert "not the API token" in refused.text


@pytest.mark.parametrize("going", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)"])
def test_signing_in_leads_only_to_pages_of_ours(stranger: httpx.Client, going: str) -> None:
    assert sign_in(stranger, going).headers["location"] == "/"


def test_who_is_signed_in_is_led_on_from_the_form(stranger: httpx.Client) -> None:
    sign_in(stranger)
    assert stranger.get("/login").headers["location"] == "/"
    assert stranger.get("/login?next=/links").headers["location"] == "/links"
    assert stranger.get("/login?next=https://evil.test/").headers["location"] == "/"


def test_what_was_asked_of_a_page_is_still_asked_after_signing_in(stranger: httpx.Client) -> None:
    turned = stranger.get("/deliveries?outcome=failed&age=%3C24h").headers["location"]
    asked = re.search(r'name="next" value="([^"]*)"', stranger.get(turned).text)
    assert asked is not None
    entered = sign_in(stranger, html.unescape(asked[1]))
    assert entered.headers["location"] == "/deliveries?outcome=failed&age=%3C24h"


def test_the_page_shows_who_did_what_and_where_from(stranger: httpx.Client, desk: Cases, key: str) -> None:
    syncd = Hand("Dana Ruiz", "PagerDuty", is_syncd=True)
    desk.set_status(key, syncd, Status.ACKNOWLEDGED)
    desk.set_incident_url(key, syncd, "https://pd.test/incidents/Q1")
    desk.resolve(key, ANA, "Rolled back.")
    sign_in(stranger)
    page = stranger.get(f"/cases/{key}").text
    assert re.search(r"Dana Ruiz</strong> acknowledged it.*?from PagerDuty", page, re.DOTALL)
    assert re.search(r"Ana Lima</strong> resolved it.*?over the API", page, re.DOTALL)
    assert '<a href="https://pd.test/incidents/Q1" rel="noreferrer">View in PagerDuty</a>' in page
    assert "Rolled back." in page


def test_where_there_is_no_address_the_page_says_why(
    stranger: httpx.Client, store: Database, desk: Cases, key: str
) -> None:
    sign_in(stranger)
    assert "none yet" in stranger.get(f"/cases/{key}").text
    with store.write() as tx:
        of_acme = connectors.all_of(tx)["payments"]
        connectors.add(tx, replace(of_acme, name="pager", path="service_key"), store.now(tx))
    one_way = desk.open(NewCase("Slow", "", "P2", "pager"), ANA).case.key
    assert "sent by a service key, which tells no address" in stranger.get(f"/cases/{one_way}").text


def test_an_address_that_is_no_web_address_is_no_link(stranger: httpx.Client, desk: Cases, key: str) -> None:
    desk.set_incident_url(key, Hand("syncd", "PagerDuty", is_syncd=True), "javascript:alert(1)")
    sign_in(stranger)
    assert "javascript:" not in stranger.get(f"/cases/{key}").text


@pytest.mark.parametrize(
    ("act", "fields", "shows"),
    [
        ("acknowledge", {}, "acknowledged it"),
        ("resolve", {"text": "Rolled back."}, "resolved it"),
        ("close", {}, "closed it"),
        ("priority", {"priority": "P1"}, "set the priority to P1"),
        ("resolution-note", {"text": "Rolled back."}, "set the resolution note"),
        ("comments", {"text": "Looking."}, "commented"),
    ],
)
def test_a_form_acts_in_the_name_of_who_signed_in(
    stranger: httpx.Client, desk: Cases, key: str, act: str, fields: dict[str, str], shows: str
) -> None:
    sign_in(stranger)
    token = form_token(stranger.get(f"/cases/{key}"))
    done = stranger.post(f"/cases/{key}/{act}", data={**fields, "form_token": token})
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{key}")
    assert shows in stranger.get(f"/cases/{key}").text
    line = desk.file(key).timeline[-1]
    assert (line.actor, line.via) == ("Ben Osei", "page")


def test_a_reopened_case_and_what_its_state_forbids(stranger: httpx.Client, desk: Cases, key: str) -> None:
    sign_in(stranger)
    token = form_token(stranger.get(f"/cases/{key}"))
    desk.close(key, ANA)
    refused = stranger.post(f"/cases/{key}/acknowledge", data={"form_token": token})
    assert refused.status_code == 409
    assert "is closed and cannot become acknowledged" in refused.text
    assert stranger.post(f"/cases/{key}/reopen", data={"form_token": token}).status_code == 303
    assert desk.get(key).status is Status.OPEN
    assert stranger.post(f"/cases/{key}/comments", data={"form_token": token, "text": " "}).status_code == 409
    assert stranger.post(f"/cases/{key}/delete", data={"form_token": token}).status_code == 404


def test_a_form_of_another_site_does_nothing(stranger: httpx.Client, desk: Cases, key: str) -> None:
    sign_in(stranger)
    token = form_token(stranger.get(f"/cases/{key}"))
    foreign = {"Origin": "https://evil.test"}
    posts = [
        stranger.post(f"/cases/{key}/close", data={"form_token": token}, headers=foreign),
        stranger.post(f"/cases/{key}/close", data={"form_token": token}, headers={"Origin": "null"}),
        stranger.post(f"/cases/{key}/close", data={"form_token": "0" * 64}),
        stranger.post(f"/cases/{key}/close"),
        stranger.post("/login", data={"token": TOKEN, "name": "Eve"}, headers=foreign),
    ]
    assert [answer.status_code for answer in posts] == [403] * 5
    assert desk.get(key).status is Status.OPEN


def test_a_form_token_belongs_to_its_session(base_url: str, stranger: httpx.Client, desk: Cases, key: str) -> None:
    sign_in(stranger)
    token = form_token(stranger.get(f"/cases/{key}"))
    with httpx.Client(base_url=base_url, trust_env=False) as other:
        sign_in(other)
        assert other.post(f"/cases/{key}/close", data={"form_token": token}).status_code == 403
    assert desk.get(key).status is Status.OPEN


def test_signing_out_ends_it(base_url: str, stranger: httpx.Client, key: str) -> None:
    sign_in(stranger)
    token = form_token(stranger.get(f"/cases/{key}"))
    copied = {COOKIE: stranger.cookies[COOKIE]}
    stranger.post("/logout", data={"form_token": token})
    after = httpx.get(f"{base_url}/cases/{key}", cookies=copied, trust_env=False)
    assert after.status_code == 303, "what was copied before is let in no more"
    sign_in(stranger)
    assert stranger.get(f"/cases/{key}").status_code == 200
    stranger.cookies.clear()
    assert stranger.get(f"/cases/{key}").status_code == 303
    assert stranger.post(f"/cases/{key}/close", data={"form_token": token}).status_code == 401


@pytest.mark.parametrize("broken", ["another end", "another beginning", "nothing left"])
def test_a_changed_cookie_is_worth_nothing(base_url: str, stranger: httpx.Client, key: str, broken: str) -> None:
    cookie = sign_in(stranger).cookies[COOKIE]
    assert httpx.get(f"{base_url}/cases/{key}", cookies={COOKIE: cookie}, trust_env=False).status_code == 200
    changed = {
        "another end": cookie[:-1] + ("0" if cookie[-1] != "0" else "1"),
        "another beginning": "A" + cookie[1:],
        "nothing left": ".",
    }[broken]
    assert httpx.get(f"{base_url}/cases/{key}", cookies={COOKIE: changed}, trust_env=False).status_code == 303


def test_a_session_runs_out(door: Door, parts: Parts, key: str) -> None:
    clock = StoppedClock(Clock().now())
    url = door.open(replace(parts, clock=clock))
    with httpx.Client(base_url=url, trust_env=False) as client:
        cookies = {COOKIE: sign_in(client).cookies[COOKIE]}
        clock.forward(LASTS - timedelta(seconds=1))
        assert httpx.get(f"{url}/cases/{key}", cookies=cookies, trust_env=False).status_code == 200
        clock.forward(2)
        assert httpx.get(f"{url}/cases/{key}", cookies=cookies, trust_env=False).status_code == 303


def test_without_a_token_nobody_signs_in(door: Door, parts: Parts) -> None:
    with httpx.Client(base_url=door.open(replace(parts, api_token="")), trust_env=False) as client:
        assert client.post("/login", data={"token": "", "name": "Eve"}).status_code == 401
        answer = client.get("/v1/cases", headers={"Authorization": "Bearer x"})
        assert (answer.status_code, "no API token" in answer.json()["detail"]) == (401, True)


def test_an_unknown_case_is_a_plain_sentence(stranger: httpx.Client) -> None:
    sign_in(stranger)
    answer = stranger.get("/cases/CS-99")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert "There is no case CS-99" in answer.text


def test_pages_bring_no_style_or_script_of_their_own(stranger: httpx.Client, key: str) -> None:
    sign_in(stranger)
    for path in ("/login", f"/cases/{key}"):
        text = stranger.get(path).text
        assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", text)
    css = stranger.get("/static/console.css")
    assert (css.status_code, css.headers["cache-control"]) == (200, "no-cache")
