"""What was typed into a form that is not taken is shown once more, with the way back: words alone, and to the browser that typed them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from syncd.console.app import routes
from syncd.console.looks import STATIC
from syncd.console.parts import Parts
from syncd.console.permits import PAGES
from syncd.console.unsent import WORDS, page_of
from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.store.cases import Cases, Hand, NewCase
from tests.console.conftest import TOKEN

TYPED = "Traceback <most> recent\r\n  File 'a.py'\r\n\r\nKeyError: 'p95'"
SHOWN = "Traceback &lt;most&gt; recent\n  File &#39;a.py&#39;\n\nKeyError: &#39;p95&#39;</textarea>"
PASSWORD = "correct horse battery"


@pytest.fixture
def key(desk: Cases) -> str:
    return desk.open(NewCase("Checkout is slow", "", "P2"), Hand("Ana Lima", "api")).case.key


def _enter(client: httpx.Client, name: str = "Ops", secret: str = TOKEN) -> None:
    assert client.post("/login", data={"token": secret, "name": name}).status_code == 303


def _token(page: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def _send(client: httpx.Client, address: str, fields: dict[str, str], **more: str) -> httpx.Response:
    """As a browser does."""
    site = str(client.base_url).rstrip("/")
    return client.post(address, data=fields, headers={"Origin": site, "Accept": "text/html", **more})


def test_what_was_typed_when_the_session_ended_is_shown_and_signing_in_leads_back(
    stranger: httpx.Client, desk: Cases, key: str
) -> None:
    on = f"/cases/{key}?whole=true"
    referer = f"{str(stranger.base_url).rstrip('/')}{on}"
    refused = _send(stranger, f"/cases/{key}/comments", {"form_token": "0", "text": TYPED}, Referer=referer)
    assert refused.status_code == 401
    assert SHOWN in refused.text
    assert f'href="/login?next={on.replace("?", "%3F").replace("=", "%3D")}"' in refused.text
    way = re.search(r'href="(/login\?next=[^"]+)"', refused.text)
    assert way is not None
    gate = re.search(r'name="next" value="([^"]*)"', stranger.get(way[1]).text)
    assert gate is not None
    entered = stranger.post("/login", data={"token": TOKEN, "name": "Ops", "next": gate[1]})
    assert entered.headers["location"] == on
    assert stranger.get(on).status_code == 200
    assert not [line for line in desk.file(key).timeline if "Traceback" in (line.text or "")], "it was kept nowhere"


def test_a_form_of_a_session_before_this_one_loses_no_words_either(stranger: httpx.Client, key: str) -> None:
    _enter(stranger)
    old = _token(stranger.get(f"/cases/{key}"))
    stranger.cookies.clear()
    _enter(stranger)
    refused = _send(stranger, f"/cases/{key}/comments", {"form_token": old, "text": TYPED})
    assert refused.status_code == 403
    assert SHOWN in refused.text
    assert f'<a href="/cases/{key}">Back to where it was typed</a>' in refused.text
    assert 'aria-label="Main"' in refused.text


def test_a_note_for_a_case_that_somebody_else_closed_meanwhile_is_shown_as_well(
    stranger: httpx.Client, desk: Cases, key: str
) -> None:
    _enter(stranger)
    token = _token(stranger.get(f"/cases/{key}"))
    desk.close(key, Hand("Ben Osei", "api"))
    refused = _send(stranger, f"/cases/{key}/resolve", {"form_token": token, "text": TYPED})
    assert (refused.status_code, SHOWN in refused.text) == (409, True)
    assert "kept nowhere" not in _send(stranger, f"/cases/{key}/acknowledge", {"form_token": token}).text


def test_the_lines_of_a_comment_stay_lines(stranger: httpx.Client, desk: Cases, key: str) -> None:
    _enter(stranger)
    page = stranger.get(f"/cases/{key}")
    for label in ("Comment", "Resolution note"):
        assert re.search(rf'<textarea name="text"[^>]* aria-label="{label}"', page.text), label
    _send(stranger, f"/cases/{key}/comments", {"form_token": _token(page), "text": TYPED})
    assert desk.file(key).timeline[-1].text == TYPED.replace("\r\n", "\n")


@pytest.mark.parametrize("origin", ["https://evil.test", "null", ""])
def test_nothing_is_shown_of_what_another_site_has_sent(stranger: httpx.Client, key: str, origin: str) -> None:
    for is_signed_in in (False, True):
        if is_signed_in:
            _enter(stranger)
        refused = _send(
            stranger, f"/cases/{key}/comments", {"text": "Pay here"}, Origin=origin, Referer="https://evil.test/x"
        )
        assert refused.status_code in {401, 403}
        assert "Pay here" not in refused.text
        assert "evil" not in refused.text


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/connect", {"name": "acme", "secret": "u+Key-of-PagerDuty"}),
        ("/connect/oauth", {"client_id": "id", "secret": "u+Key-of-PagerDuty"}),
        ("/connectors/make", {"secret": "u+Key-of-PagerDuty", "also": "Payments"}),
        ("/integrations/acme/manage/reconnect", {"secret": "u+Key-of-PagerDuty"}),
        ("/settings/add-user", {"name": "Dana", "password": "u+Key-of-PagerDuty"}),
        ("/password", {"now": "u+Key-of-PagerDuty", "new": "u+Key-of-PagerDuty"}),
    ],
)
def test_no_secret_is_ever_sent_back(stranger: httpx.Client, address: str, fields: dict[str, str]) -> None:
    for is_signed_in in (False, True):
        if is_signed_in:
            _enter(stranger)
        refused = _send(stranger, address, fields)
        assert refused.status_code == (403 if is_signed_in else 401)
        assert "u+Key" not in refused.text
        assert ("Payments" in refused.text) == ("also" in fields)


def test_no_form_has_a_secret_under_the_name_of_words_and_every_text_of_several_lines_is_among_them() -> None:
    secret, several = set[str](), set[str]()
    for file in (Path(STATIC).parent / "templates").glob("*.html"):
        for tag in re.findall(r"<(?:input|textarea)[^>]*>", file.read_text()):
            name = re.search(r' name="(\w+)"', tag)
            if 'type="password"' in tag or 'type="hidden"' in tag:
                secret |= {name[1]} if name else set()
            elif tag.startswith("<textarea") and name:
                several.add(name[1])
    assert {"secret", "password", "form_token"} <= secret
    assert not secret & set(WORDS)
    assert several <= set(WORDS)


@pytest.mark.parametrize(
    ("sent_to", "came_from", "page"),
    [
        ("/cases/CS-1/comments", "", "/cases/CS-1"),
        ("/cases/CS-1/resolve", "http://x/cases/CS-1/comments", "/cases/CS-1"),
        ("/cases", "http://x/cases", "/cases"),
        ("/links/7/pause", "http://x/links/7?all=true", "/links/7?all=true"),
        ("/evidence/acme/accept", "http://x/evidence/acme/SVC-01?accept=P1", "/evidence/acme/SVC-01?accept=P1"),
        ("/evidence/acme/accept", "http://x/evidence/acme/accept", "/evidence/acme"),
        ("/integrations/acme/manage/remove", "", "/integrations/acme"),
        ("/links/7/pause", "http://x//evil.test", "/links/7"),
        ("/links/7/pause", "http://x/nothing", "/links/7"),
        ("/logout", "", ""),
    ],
)
def test_the_page_that_a_form_stood_on(sent_to: str, came_from: str, page: str) -> None:
    assert page_of(sent_to, came_from) == page


def test_each_form_of_the_console_has_a_page_that_it_stands_on(parts: Parts) -> None:
    there = [one for one in routes(parts) if isinstance(one, Route) and ("POST", one.path) in PAGES]
    assert len(there) > 20
    for one in there:
        path = re.sub(r"\{\w+:number\}", "7", re.sub(r"\{\w+\}", "x", one.path))
        assert page_of(path, ""), one.path


def test_who_is_refused_a_page_has_the_bar_of_what_is_theirs(stranger: httpx.Client, parts: Parts, key: str) -> None:
    people.add(parts.database, name="Aud", role=Role.AUDITOR, password=PASSWORD, by="test")
    _enter(stranger, "Aud", PASSWORD)
    for address, status in ((f"/cases/{key}", 403), ("/nothing", 404)):
        refused = stranger.get(address, headers={"Accept": "text/html"})
        assert refused.status_code == status
        assert '<a href="/settings"' in refused.text
        assert '<a href="/cases"' not in refused.text
        assert "Sign out" in refused.text
    token = _token(stranger.get("/nothing", headers={"Accept": "text/html"}))
    assert _send(stranger, "/logout", {"form_token": token}).headers["location"] == "/login", "its button works"
    assert "Sign out" not in stranger.get("/nothing", headers={"Accept": "text/html"}).text
