"""The banner of a disconnected account does what it says: one press asks it again with the credential it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.simulator import KEYS, Simulator
from syncd.store import integrations
from syncd.store.database import Database
from tests.parts.visit import Visit

from .operated import plain
from .test_browser import SOON, enter
from .test_connect import _connected, _press, form, pagerduty, person

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["form", "pagerduty", "person"]
ADDRESS = "/integrations/pager/manage/reconnect"
PASSWORD = "correct horse battery"


@pytest.fixture
def away(person: httpx.Client, form: dict[str, str], pagerduty: Simulator, store: Database) -> httpx.Client:
    """A key that was revoked."""
    _connected(person, form)
    pagerduty.people.revoke(KEYS.full)
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "pager", code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    return person


def test_it_is_asked_again_and_what_came_of_it_is_said_and_written_down(
    away: httpx.Client, pagerduty: Simulator
) -> None:
    page = away.get("/links").text
    assert f'<button form="reconnecting" formaction="{ADDRESS}"' in page
    assert '<a href="/integrations/pager#manage">with another credential</a>' in page
    assert 'id="manage"' in away.get("/integrations/pager").text
    assert _press(away, "/links", ADDRESS).status_code == 409
    pagerduty.people.restore(KEYS.full)
    assert "accepted again" in plain(_press(away, "/links", ADDRESS).text)
    log = plain(away.get("/settings/actions").text)
    assert log.count("POST /integrations/{slug}/manage/{act}") == 2


def test_whoever_may_not_reconnect_is_shown_the_banner_without_a_button(away: httpx.Client, store: Database) -> None:
    people.add(store, name="Op", role=Role.OPERATOR, password=PASSWORD, by="test")
    away.cookies.clear()
    away.post("/login", data={"name": "Op", "token": PASSWORD})
    page = away.get("/links").text
    assert "pager is disconnected" in page
    assert re.search("reconnecting|formaction", page) is None


def test_in_a_browser_a_live_page_has_the_button_and_loses_the_banner(
    away: httpx.Client, pagerduty: Simulator, store: Database, browser: Browser
) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    context = browser.new_context()
    visit = Visit(context.new_page(), str(away.base_url).rstrip("/"))
    enter(visit)
    page, other = visit.page, context.new_page()
    other.goto(f"{visit.base}/overview")
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        visit.see("/links")
        assert (width, visit.violations()) == (width, [])
    pagerduty.people.restore(KEYS.full)
    with page.expect_navigation():
        page.get_by_role("button", name="Reconnect").first.click()
    expect(page.locator("p.note")).to_contain_text("accepted again")
    banner, bar = other.locator("#banners .banner"), other.get_by_role("navigation", name="Main")
    expect(banner).to_have_count(1)
    expect(bar).to_contain_text("Integrations 1")
    with store.write() as tx:  # As the next sweep of a worker does, which asks it once more.
        integrations.connect(tx, "pager", store.now(tx))
    expect(banner).to_have_count(0, timeout=SOON)
    expect(bar).not_to_contain_text("Integrations 1", timeout=SOON)
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "pager", code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    expect(banner).to_have_count(1, timeout=SOON)
    assert visit.complaints == []
    context.close()
