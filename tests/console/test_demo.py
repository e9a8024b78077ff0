"""The demo page in a real Chromium: every button on both sides, lag said aloud, narrow, dark, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette

from syncd.console.demo_plan import DemoPlan
from syncd.console.parts import Parts
from syncd.core.changes import Status
from syncd.simulator.faults import Fault
from syncd.simulator.server import serve
from syncd.store.cases import Hand, NewCase

from .conftest import Door
from .stage import Stage, staged

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SOON = 10_000


@pytest.fixture
def stage(parts: Parts, door: Door) -> Iterator[Stage]:
    with staged(parts, door) as it:
        yield it


def expect_text(where: Locator, text: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415 - its import takes a third of a second

    expect(where).to_contain_text(text, timeout=SOON)


def fact(page: Page, side: str, name: str) -> Locator:
    return page.locator(f"#{side} [data-fact={name}]")


def panel(page: Page, side: str) -> Locator:
    return page.get_by_role("region", name=f"The {side}")


def press(page: Page, side: str, label: str, text: str | None = None, priority: str | None = None) -> None:
    form = panel(page, side).locator("form").filter(has=page.get_by_role("button", name=label, exact=True))
    if text is not None:
        form.get_by_role("textbox").fill(text)
    if priority is not None:
        form.get_by_role("combobox").select_option(priority)
    with page.expect_navigation():
        form.get_by_role("button").click()


def test_every_button_of_the_case(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/demo")
    for label, text, priority, name, shown in (
        ("Acknowledge", None, None, "status", "acknowledged"),
        ("Set priority", None, "P1", "priority", "P1"),
        ("Comment", "Looking into it.", None, "notes", "Looking into it."),
        ("Set note", "Restarted the pods.", None, "resolution", "Restarted the pods."),
        ("Resolve", "Rolled back 5.31.", None, "resolution", "Rolled back 5.31."),
        ("Reopen", None, None, "status", "open"),
        ("Close", None, None, "status", "closed"),
    ):
        press(page, "case", label, text, priority)
        expect_text(fact(page, "case", name), shown)
    press(page, "case", "Acknowledge")
    expect_text(page.locator("#said"), f"{stage.key} is closed and cannot become acknowledged; reopen it first.")
    lines = stage.parts.cases.file(stage.key).timeline
    assert {(line.actor, line.via) for line in lines} == {("Ana Lima", "api")}, "the page acts over /v1"


def test_every_button_of_the_incident(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/demo")
    for label, text, priority, name, shown in (
        ("Acknowledge", None, None, "status", "acknowledged"),
        ("Unacknowledge", None, None, "status", "triggered"),
        ("Set priority", None, "P1", "priority", "P1"),
        ("Add note", "Paging the database team.", None, "notes", "Paging the database team."),
        ("Resolve", "Failed over.", None, "notes", "Resolution Note: Failed over."),
        ("Reopen", None, None, "status", "triggered"),
    ):
        press(page, "incident", label, text, priority)
        expect_text(fact(page, "incident", name), shown)
    expect_text(fact(page, "incident", "notes"), "Ben Osei")
    assert stage.parts.cases.get(stage.key).version == 1, "only PagerDuty was touched"


def test_a_new_case_is_opened_and_has_no_incident_yet(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/")
    with page.expect_navigation():
        page.get_by_role("button", name="Open a new case").click()
    expect_text(page.locator("#case h1"), "Case CS-2")
    expect_text(page.locator("#incident"), "none yet")
    press(page, "incident", "Acknowledge")
    expect_text(page.locator("#said"), "CS-2 has no incident yet.")


def test_before_there_is_a_case_the_page_waits_for_one(page: Page, door: Door, parts: Parts) -> None:
    with serve(Starlette()) as nobody:
        page.goto(door.open(replace(parts, demo=DemoPlan(nobody, "key", door.url, parts.api_token))) + "/demo")
        expect_text(page.locator("#case"), "none yet; open one")
        key = parts.cases.open(NewCase("Checkout is slow"), Hand("Ana Lima", "api")).case.key
        page.get_by_role("link", name=f"Look at {key}").click(timeout=SOON)
        expect_text(page.locator("#case h1"), f"Case {key}")


def test_a_case_that_does_not_follow_is_named_until_it_does(page: Page, stage: Stage) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{stage.url}/demo")
    expect_text(fact(page, "incident", "status"), "triggered")
    stage.sim.people.acknowledge(stage.incident, "Ben Osei")
    expect_text(page.locator("#lag"), "The case has not followed yet (status) — is the worker running?")
    expect_text(page.locator("#age"), re.compile(r"\d+ s"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    stage.case_follows(Status.ACKNOWLEDGED)
    expect_text(fact(page, "case", "status"), "acknowledged")
    expect_text(page.locator("#lag"), re.compile(r"^\s*$"))
    did = page.get_by_role("region", name="What syncd did")
    expect_text(did, "PagerDuty → case, acknowledge")
    expect_text(did.locator(".mark.ok"), "applied")
    expect_text(did, "0.4 s")


def test_an_incident_that_does_not_follow_is_named(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/demo")
    press(page, "case", "Comment", "Looking into it.")
    expect_text(
        page.locator("#lag"), "The incident has not followed yet (notes on the incident) — is the worker running?"
    )
    stage.sim.faults.lay(Fault(status=503, count=0))
    expect_text(page.locator("#lag"), "The incident has not followed yet (notes on the incident): PagerDuty is down.")


def test_a_side_that_cannot_be_read_is_said(page: Page, stage: Stage) -> None:
    del stage.sim.account.incidents[stage.incident]
    page.goto(f"{stage.url}/demo")
    expect_text(page.locator("#incident .mark.bad"), "cannot be read")
    expect_text(page.locator("#incident"), f"There is no incident {stage.incident}.")


def test_what_becomes_of_requests_does_not_hide_the_incident_from_people(page: Page, stage: Stage) -> None:
    stage.sim.people.revoke(stage.sim.keys.full)
    stage.sim.faults.lay(Fault(status=503, count=0))
    page.goto(f"{stage.url}/demo")
    expect_text(fact(page, "incident", "status"), "triggered")
    expect_text(page.locator("#mishaps"), "PagerDuty is down")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_screen_and_can_be_read(browser: Browser, stage: Stage, scheme: str, width: int) -> None:
    stage.parts.cases.comment(stage.key, Hand("Ana Lima", "api"), "https://example.test/" + "a-very-long-address/" * 20)
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 800}
    )
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    tab.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith((stage.url, "data:")) else None,
    )
    for path in ("/demo", f"/cases/{stage.key}", "/login"):
        tab.goto(f"{stage.url}{path}")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        ink, ground = tab.evaluate(
            "[getComputedStyle(document.documentElement).color, getComputedStyle(document.documentElement).backgroundColor]"
        )
        assert (_brightness(ink) > _brightness(ground)) is (scheme == "dark")
    context.close()
    assert not wrong


def _brightness(colour: str) -> int:
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_whom_a_proxy_brings_is_asked_who_it_is(stage: Stage) -> None:
    with httpx.Client(base_url=stage.url, trust_env=False) as client:
        assert client.get("/demo").status_code == 200
    with httpx.Client(base_url=stage.url, trust_env=False, headers={"X-Forwarded-For": "192.0.2.7"}) as client:
        assert client.get("/demo").headers["location"] == "/login?next=/demo"


def test_it_works_without_javascript(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{stage.url}/demo")
    press(tab, "incident", "Acknowledge")
    expect_text(fact(tab, "incident", "status"), "acknowledged")
    press(tab, "case", "Comment", "Looking into it.")
    expect_text(fact(tab, "case", "notes"), "Looking into it.")
    press(tab, "case", "Close")
    press(tab, "case", "Acknowledge")
    expect_text(tab.locator("#said"), "is closed and cannot become acknowledged")
    assert 'http-equiv="refresh"' not in tab.content(), "whoever types is not interrupted"
    with tab.expect_navigation():
        tab.get_by_role("link", name="Look again").click()
    assert f"case={stage.key}" in tab.url
    context.close()
