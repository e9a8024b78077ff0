"""Connecting by OAuth in a real Chromium: somebody agrees in another tab, the page that waits says so, and nobody else is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import Parts
from syncd.simulator import Simulator, serve, simulator
from syncd.simulator.oauth import Client
from syncd.store.cases import Cases
from syncd.systems.pagerduty.oauth import NEEDED
from tests.console.conftest import Door
from tests.parts.loopback import LOOPBACK
from tests.parts.visit import MOST_HTML, Visit

from .test_browser import SOON, enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECRET = "client-secret-of-acme-0000"


@dataclass
class Stage:
    sim: Simulator
    base: str


@pytest.fixture
def stage(parts: Parts, door: Door) -> Iterator[Stage]:
    """PagerDuty leads back to where the console really is."""
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        cases = Cases(parts.database, site=door.url)
        connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
        own = replace(parts, cases=cases, connections=connections)
        made.oauth.register(Client("C1", SECRET, "scoped", NEEDED, (f"{door.url}/oauth/callback",)))
        yield Stage(made, door.open(own))
        own.closing.set()


def _fill(page: Page, where: str) -> None:
    for label, text in (("Name", "pager"), ("Region", where), ("Client id", "C1"), ("Client secret", SECRET)):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Consent").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Connect").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_somebody_agrees_in_another_tab_and_the_page_that_waits_says_so(
    stage: Stage, browser: Browser, theme: str
) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    visit = Visit(context.new_page(), stage.base)
    enter(visit)
    visit.see("/connect")
    with visit.page.expect_navigation():
        visit.page.get_by_role("link", name="OAuth").click()
    assert visit.violations() == []
    _fill(visit.page, stage.sim.account.api_url)
    now = visit.page.get_by_role("region", name="How it stands")
    expect(now).to_contain_text("waiting")
    assert visit.violations() == []
    assert len(visit.page.content()) < MOST_HTML
    assert SECRET not in visit.page.content()
    with context.expect_page() as opened:
        visit.page.get_by_role("link", name="Open PagerDuty and agree").click()
    back = opened.value
    back.wait_for_url(re.compile(r"/oauth/callback"))
    expect(back.get_by_role("status")).to_contain_text("pager is connected to simulated.pagerduty.com")
    expect(now).to_contain_text("sync: one-way.", timeout=SOON)
    assert visit.violations() == []
    with back.expect_navigation():
        back.get_by_role("link", name="Go to pager").click()
    assert back.url == f"{stage.base}/integrations/pager"
    with visit.page.expect_navigation():
        now.get_by_role("link", name="Go to pager").click()
    expect(visit.page.get_by_role("button", name="Agree again")).to_be_visible()
    assert visit.violations() == []
    visit.page.set_viewport_size({"width": 390, "height": 800})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visit.complaints == []
    assert visit.is_alone()
    context.close()


def test_without_javascript_the_page_is_loaded_again(stage: Stage, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    visit = Visit(context.new_page(), stage.base)
    enter(visit)
    visit.see("/connect/oauth")
    _fill(visit.page, stage.sim.account.api_url)
    with context.expect_page() as opened:
        visit.page.get_by_role("link", name="Open PagerDuty and agree").click()
    opened.value.wait_for_url(re.compile(r"/oauth/callback"))
    with visit.page.expect_navigation():
        visit.page.get_by_role("link", name="How it stands now").click()
    assert "sync: one-way." in visit.page.get_by_role("main").inner_text()
    with visit.page.expect_navigation():
        visit.page.get_by_role("link", name="Go to pager").click()
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Agree again").click()
    assert "Open PagerDuty and agree" in visit.page.get_by_role("main").inner_text()
    context.close()
