"""The demo in a real browser: what is pressed on one side moves the other, without the page being loaded again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.household import Household, household

FOLLOWS_WITHIN = 30_000  # milliseconds


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
    page.get_by_role("button", name="Open a new case").click()
    expect(page.locator("#incident [data-fact=status]")).to_have_text("triggered", timeout=FOLLOWS_WITHIN)
    return page


def _form(page: Page, side: str, act: str) -> Locator:
    return page.locator(f'form[action$="/{side}/{act}"]')


def _press(page: Page, side: str, act: str, words: str = "") -> None:
    form = _form(page, side, act)
    if words:
        form.locator("input[name=value]").fill(words)
    form.get_by_role("button").click()


def test_buttons_on_both_sides_move_the_other(shown: Page) -> None:
    loaded = shown.evaluate("performance.timeOrigin")
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
        expect(where).to_contain_text(what, timeout=FOLLOWS_WITHIN)
    expect(case.locator("[data-fact=resolution]")).to_have_text("Bad release.", timeout=FOLLOWS_WITHIN)
    expect(case.locator("[data-fact=notes]")).to_contain_text("Ben Osei (PagerDuty)")
    expect(shown.locator("#did li")).not_to_have_count(0)
    expect(shown.locator("#said")).to_be_empty()
    assert shown.evaluate("performance.timeOrigin") == loaded


def test_priority_crosses_both_ways(shown: Page) -> None:
    for side, other, priority in (("case", "incident", "P1"), ("incident", "case", "P4")):
        form = _form(shown, side, "priority")
        form.locator("select").select_option(priority)
        form.get_by_role("button").click()
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
