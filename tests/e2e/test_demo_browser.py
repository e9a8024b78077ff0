"""The demo in a real browser: what is pressed on one side moves the other, and every mishap is pressed and seen, live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from syncd.console.demo.mishaps import MISHAPS
from tests.e2e.household import Household, household
from tests.e2e.walk import FOLLOWS_WITHIN, Walk
from tests.parts.visit import MOST_HTML, Visit

LIVE_WITHIN = 10_000


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """Started after the browser was found: without one there is nothing to look at."""
    with household(tmp_path_factory.mktemp("demo"), "demo") as home:
        home.start()
        yield home
        assert home.interrupt() == 130


@pytest.fixture
def shown(page: Page, demo: Household) -> Page:
    page.goto(f"{demo.url}/demo")
    # A case of this test's own.
    with page.expect_navigation():
        page.get_by_role("button", name="Open a new case").click()
    expect(page.locator("#incident [data-fact=status]")).to_have_text("triggered", timeout=FOLLOWS_WITHIN)
    return page


def _form(page: Page, side: str, act: str) -> Locator:
    return page.locator(f'form[action$="/{side}/{act}"]')


def _press(page: Page, side: str, act: str, words: str = "") -> None:
    form = _form(page, side, act)
    if words:
        form.locator("input[name=value]").fill(words)
    _send(form)


def _send(form: Locator) -> None:
    """Until the answer's page is there: before that, what is asked may still be asked of the page that goes."""
    with form.page.expect_navigation():
        form.get_by_role("button").click()


def test_buttons_on_both_sides_move_the_other(shown: Page) -> None:
    case, incident = shown.locator("#case"), shown.locator("#incident")
    steps = (
        ("case", "acknowledge", "", incident.locator("[data-fact=status]"), "acknowledged"),
        ("incident", "note", "Error rate is falling.", case.locator("[data-fact=notes]"), "Error rate is falling."),
        ("case", "comments", "Rolling back.", incident.locator("[data-fact=notes]"), "Rolling back."),
        ("incident", "unacknowledge", "", case.locator("[data-fact=status]"), "open"),
        ("incident", "resolve", "Bad release.", case.locator("[data-fact=status]"), "resolved"),
    )
    for side, act, words, where, what in steps:
        _press(shown, side, act, words)
        loaded = shown.evaluate("performance.timeOrigin")
        expect(where).to_contain_text(what, timeout=FOLLOWS_WITHIN)
        assert shown.evaluate("performance.timeOrigin") == loaded, "the other side is seen to follow live"
    expect(case.locator("[data-fact=resolution]")).to_have_text("Bad release.", timeout=FOLLOWS_WITHIN)
    expect(case.locator("[data-fact=notes]")).to_contain_text("Ben Osei (PagerDuty)")
    expect(shown.locator("#did li")).not_to_have_count(0)
    expect(shown.locator("#said")).to_have_count(0)


def test_priority_crosses_both_ways(shown: Page) -> None:
    for side, other, priority in (("case", "incident", "P1"), ("incident", "case", "P4")):
        form = _form(shown, side, "priority")
        form.locator("select").select_option(priority)
        _send(form)
        expect(shown.locator(f"#{other} [data-fact=priority]")).to_have_text(priority, timeout=FOLLOWS_WITHIN)


def test_a_frozen_worker_is_named_and_forgotten_again(shown: Page, demo: Household) -> None:
    frozen = demo.freeze_worker()
    try:
        _press(shown, "case", "acknowledge")
        expect(shown.locator("#lag")).to_contain_text("is the worker running?", timeout=FOLLOWS_WITHIN)
        expect(shown.locator("#incident [data-fact=status]")).to_have_text("triggered")
    finally:
        demo.thaw(frozen)
    expect(shown.locator("#incident [data-fact=status]")).to_have_text("acknowledged", timeout=FOLLOWS_WITHIN)
    expect(shown.locator("#lag")).to_be_empty(timeout=FOLLOWS_WITHIN)


def test_the_page_fits_a_phone(page: Page, demo: Household) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{demo.url}/demo")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_every_mishap_is_pressed_and_seen_live_by_everybody(browser: Browser, demo: Household) -> None:
    context = browser.new_context()
    visit = Visit(context.new_page(), demo.url)
    walk = Walk(visit.page, demo.url)
    walk.begin()
    seen = []
    for slug in walk.steps():
        seen.append(slug)
        assert len(visit.page.content().encode()) < MOST_HTML, slug
        for theme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=theme)
            assert (slug, theme, visit.violations()) == (slug, theme, [])
    assert len(seen) == 9
    assert visit.complaints == []
    assert visit.is_alone()
    context.close()


def test_every_page_a_mishap_leads_to_is_there(shown: Page, demo: Household) -> None:
    walk = Walk(shown, demo.url)
    for slug, mishap in MISHAPS.items():
        shown.goto(f"{shown.url.partition('&')[0]}&told={slug}")
        addresses = [link.get_attribute("href") for link in shown.locator("#told a").all()]
        assert len(addresses) == len(mishap.sights)
        for address in addresses:
            answer = shown.request.get(f"{walk.url}{address}")
            assert (answer.status, address) == (200, address)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_disconnected_account_stands_above_the_page_and_is_readable(
    browser: Browser, demo: Household, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": 390, "height": 800})
    visit = Visit(context.new_page(), demo.url)
    walk = Walk(visit.page, demo.url)
    walk.begin()
    walk.press("revoke-key")
    expect(walk.banner).to_be_visible(timeout=FOLLOWS_WITHIN)
    assert visit.violations() == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
    walk.press("restore-key")
    expect(walk.banner).to_have_count(0, timeout=FOLLOWS_WITHIN)
    assert visit.complaints == []
    context.close()


def test_the_keyboard_alone_has_something_go_wrong(shown: Page) -> None:
    for _ in range(40):
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement.textContent") == "The same webhook twice":
            break
    shown.keyboard.press("Enter")
    expect(shown.locator("#told")).to_contain_text("the second webhook is a row", timeout=LIVE_WITHIN)


def test_without_javascript_a_mishap_is_pressed_and_told(browser: Browser, demo: Household) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{demo.url}/demo")
    tab.get_by_role("button", name="Bad signature").click()
    expect(tab.locator("#told")).to_contain_text("one row says where it came from")
    tab.goto(tab.url)
    expect(tab.locator("#did")).to_contain_text("bad signature", timeout=LIVE_WITHIN)
    context.close()
