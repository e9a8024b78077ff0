"""Somebody types while the session ends, in a real Chromium without scripts: nothing typed is lost, and the way leads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.store.cases import Cases, Hand, NewCase
from tests.console.conftest import TOKEN
from tests.parts.visit import Visit

from .operated import Operated
from .test_browser import enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TRACE = "Traceback:\n  File 'a.py', line 1\n\nKeyError: 'p95'"
WIDTHS = (390, 1280)


@pytest.fixture
def key(operated: Operated) -> str:
    cases = Cases(operated.world.db, site="http://syncd.test")
    return cases.open(NewCase("Checkout is slow", "", "P2"), Hand("Ana", "api")).case.key


def _is_for_everybody(visit: Visit) -> None:
    for width in WIDTHS:
        visit.page.set_viewport_size({"width": width, "height": 800})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.violations() == []


def test_signed_out_in_another_tab_somebody_copies_what_was_typed_and_comes_back(
    operated: Operated, browser: Browser, key: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    visit = Visit(context.new_page(), str(operated.client.base_url).rstrip("/"))
    enter(visit)
    page = visit.page
    visit.see(f"/cases/{key}?whole=true")
    page.get_by_label("Comment").fill(TRACE)
    other = context.new_page()
    other.goto(f"{visit.base}/cases")
    with other.expect_navigation():
        other.get_by_role("button", name="Sign out").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Comment").click()
    typed = page.get_by_label("Text").input_value()
    assert typed == TRACE
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Your name").fill("Ops")
    page.get_by_label("Your password").fill(TOKEN)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    assert page.url == f"{visit.base}/cases/{key}?whole=true"
    page.get_by_label("Comment").fill(typed)
    with page.expect_navigation():
        page.get_by_role("button", name="Comment").click()
    assert TRACE in page.get_by_role("region", name="Timeline").inner_text()
    context.close()


def test_everybody_can_use_what_is_shown_instead(operated: Operated, browser: Browser, key: str) -> None:
    people.add(operated.world.db, name="Aud", role=Role.AUDITOR, password="correct horse battery", by="test")
    context = browser.new_context()
    visit = Visit(context.new_page(), str(operated.client.base_url).rstrip("/"))
    enter(visit)
    page = visit.page
    visit.see(f"/cases/{key}")
    _is_for_everybody(visit)
    page.get_by_label("Comment").fill("word" * 100)
    context.clear_cookies()
    with page.expect_navigation():
        page.get_by_role("button", name="Comment").click()
    _is_for_everybody(visit)
    page.goto(f"{visit.base}/login")
    page.get_by_label("Your name").fill("Aud")
    page.get_by_label("Your password").fill("correct horse battery")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    page.goto(f"{visit.base}/cases/{key}")
    assert page.get_by_role("heading", name="Not allowed").is_visible()
    _is_for_everybody(visit)
    with page.expect_navigation():
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings").click()
    assert page.get_by_role("heading", name="Settings").is_visible()
    context.close()
