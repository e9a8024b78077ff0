"""The pages in a real Chromium: live, usable by everybody, in both themes and on a phone, and asking nobody else for anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from syncd.console.bodies import AcceptFinding, CollectEvidence, MakeBundle
from syncd.console.parts import Parts
from syncd.console.v1.bundles import BundlesApi
from syncd.console.v1.evidence import EvidenceApi
from syncd.core.changes import Field, Side, Status
from syncd.errors import Unauthorised
from syncd.flow.orders import pausing
from syncd.store.evidence import collections
from tests.console.conftest import TOKEN, Door
from tests.parts.visit import MOST_HTML, Visit

from .operated import Operated

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SOON = 10_000
REFUSED = Unauthorised("PagerDuty does not accept the key.")
MOST_JS = 60_000
PAGES = (
    "/overview",
    "/why?ref=C-1",
    "/links",
    "/links?show=paused&about=C-",
    "/links/1?all=true",
    "/links/2",
    "/conflicts",
    "/deliveries",
    "/deliveries?open=1",
    "/deliveries?q=outcome%3Aapplied&open=2&tab=attempts",
    "/deliveries?open=2&tab=mapping",
    "/deliveries?open=2&tab=raw",
    "/deliveries/1",
    "/cases",
    "/mappings",
    "/mappings/payments",
    "/mappings/payments?edit=true",
    "/routing",
    "/settings",
    "/connect",
    "/connect/oauth",
    "/integrations",
    "/integrations/pagerduty",
    "/connectors",
    "/codes",
    "/settings/actions",
    "/settings/actions/1",
    "/api",
    "/api/deliveries",
    "/api/integrations",
    "/codes/PAG-100-B",
    "/login",
)


@pytest.fixture
def busy(operated: Operated) -> Operated:
    """A day that has gone wrong: a link in step, one paused, one whose account does not let us in."""
    world = operated.world
    for ref in ("C-1", "C-2"):
        world.ask_for_incident(ref)
    world.drain()
    pausing.pause(world.db, world.link("C-2").id, by="Eve", why="the desk is moved")
    seen = world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    world.tell(Side.INCIDENT, "I-1", seen)
    world.drain()
    for op in ("add_note", "check"):
        world.incident.fail(op, REFUSED, times=9)
    world.comment(Side.CASE, "C-1", "Rolling back. " * 40)
    world.drain()
    return operated


def enter(visit: Visit) -> None:
    visit.page.goto(f"{visit.base}/login")
    visit.page.get_by_label("Your name").fill("Ops")
    visit.page.get_by_label("Your password").fill(TOKEN)
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def visit(busy: Operated, browser: Browser) -> Iterator[Visit]:
    context = browser.new_context()
    made = Visit(context.new_page(), str(busy.client.base_url).rstrip("/"))
    enter(made)
    yield made
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_every_page_in_both_themes(visit: Visit, theme: str) -> None:
    visit.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    found = {}
    for address in PAGES:
        assert visit.see(address) < MOST_HTML, address
        found[address] = visit.violations()
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    assert visit.complaints == []
    assert visit.is_alone()


EVIDENCE = (
    "/evidence/acme",
    "/evidence/acme?snapshot=1",
    "/evidence/acme/SVC-01?accept=P1",
    "/evidence/acme/SVC-05",
    "/evidence/acme/INC-04",
    "/evidence/acme/snapshots?a=1&b=",
)


@pytest.fixture
def proven(collected: Parts, door: Door, browser: Browser) -> Iterator[Visit]:
    """An account that was really collected, with an acceptance, a snapshot, and a collecting under way."""
    api = EvidenceApi(collected.answers())
    BundlesApi(collected.desk(), lambda: collected.connections.vault).made("acme", MakeBundle(by="Ops")).file.close()
    api.accept("acme", AcceptFinding(check="SVC-05", until="2026-12-31", why="It goes.", by="Ops"))
    api.collect("acme", CollectEvidence(by="Ops"))
    context = browser.new_context()
    made = Visit(context.new_page(), door.open(collected))
    enter(made)
    yield made
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_pages_of_evidence_in_both_themes_and_on_a_phone(proven: Visit, theme: str) -> None:
    page = proven.page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    for address in EVIDENCE:
        page.set_viewport_size({"width": 1280, "height": 800})
        assert proven.see(address) < MOST_HTML, address
        assert (address, proven.violations()) == (address, [])
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    assert (proven.complaints, proven.is_alone()) == ([], True)


def test_a_finding_is_accepted_and_a_bundle_downloaded_without_javascript(
    collected: Parts, door: Door, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    visit = Visit(context.new_page(), door.open(collected))
    enter(visit)
    page = visit.page
    visit.see("/evidence/acme")
    with page.expect_navigation():
        page.get_by_role("link", name="Accept SVC-05 of").first.click()
    page.get_by_label("until", exact=True).fill("2026-12-31")
    page.get_by_label("why", exact=True).fill("It is being replaced.")
    with page.expect_navigation():
        page.get_by_role("button", name="Accept").click()
    assert "It is being replaced." in page.get_by_role("region", name="Acceptances").inner_text()
    visit.see("/evidence/acme?period=7d")
    page.get_by_text("Download bundle…").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download").click()
    assert coming.value.suggested_filename == "evidence-acme-2026-03-01.zip"
    context.close()


def test_what_is_collected_and_accepted_shows_on_a_page_that_is_looked_at(proven: Visit, collected: Parts) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    proven.see("/evidence/acme")
    now = proven.page.get_by_role("status")
    expect(now).to_contain_text("Being collected: services")
    with collected.database.write() as tx:
        taken = collections.take(tx, collected.database.now(tx), ["acme"])
        assert taken is not None
        collections.went_on(tx, taken, collected.database.now(tx))
    expect(now).to_contain_text("services (1 request)", timeout=SOON)
    assert "newer" not in now.inner_text()
    EvidenceApi(collected.answers()).accept("acme", AcceptFinding(check="EP-02", until="2026-12-31", why="x", by="Ops"))
    expect(now).to_contain_text("There is something newer than this page.", timeout=SOON)
    assert proven.complaints == []


def test_the_keyboard_alone_opens_what_a_bundle_is_made_with(proven: Visit) -> None:
    proven.see("/evidence/acme")
    for _ in range(40):
        proven.page.keyboard.press("Tab")
        if "Download bundle" in proven.page.evaluate("document.activeElement.textContent"):
            break
    proven.page.keyboard.press("Enter")
    assert proven.page.get_by_role("button", name="Download").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_answer_of_a_link_in_step_can_be_used_by_everybody(
    operated: Operated, browser: Browser, theme: Literal["light", "dark"]
) -> None:
    """Its remedy and its link lead somewhere, one above the other and as wide: they must not be hit for each other."""
    operated.world.ask_for_incident("CHECKOUT-1042")
    operated.world.drain()
    context = browser.new_context(color_scheme=theme)
    visit = Visit(context.new_page(), str(operated.client.base_url).rstrip("/"))
    enter(visit)
    visit.see("/why?ref=CHECKOUT-1042")
    assert "are in step" in visit.page.get_by_role("region", name="Why").inner_text()
    assert visit.violations() == []
    context.close()


def test_no_page_has_to_be_moved_sideways_on_a_phone_and_everybody_can_use_it_there(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    found = {}
    for address in PAGES:
        visit.see(address)
        width = visit.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, address
        found[address] = visit.violations()
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [1280, 390])
def test_what_stands_one_below_the_other_is_large_enough_to_be_hit(
    operated: Operated, browser: Browser, width: int
) -> None:
    """Links of nearly one width, whose middles lie above each other."""
    operated.world.ask_for_incident("CHECKOUT-1042-EU")
    operated.world.drain()
    context = browser.new_context(viewport={"width": width, "height": 850})
    visit = Visit(context.new_page(), str(operated.client.base_url).rstrip("/"))
    enter(visit)
    for address in ("/deliveries", "/deliveries?open=1", "/deliveries/1"):
        visit.see(address)
        assert (address, visit.violations()) == (address, [])
        for link in visit.page.locator("dd > a, td > a").all():
            box = link.bounding_box()
            assert box is not None
            assert box["height"] >= 24, link.inner_text()
    context.close()


def test_beside_a_delivery_that_is_open_each_row_still_says_why(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 850})
    visit.see("/deliveries?open=2")
    table = visit.page.get_by_role("group", name="Table: Deliveries")
    assert table.evaluate("it => it.scrollWidth <= it.clientWidth")
    within = table.bounding_box()
    assert within is not None
    for why in table.locator("td.words").all():
        box = why.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= within["x"] + within["width"] + 1


def test_what_is_written_below_a_drawing_stays_one_line(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 850})
    visit.see("/overview")
    for name in ("How long they took", "Changes in the last three hours"):
        ends = visit.page.get_by_role("region", name=name).locator(".line > span:not(.push)")
        tops = {round((ends.nth(place).bounding_box() or {"y": -1.0})["y"]) for place in range(3)}
        assert len(tops) == 1, name


def test_on_a_phone_what_became_of_a_delivery_and_why_is_seen_at_once(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    visit.see("/deliveries")
    row = visit.page.get_by_role("region", name="Deliveries").locator("tbody tr").first
    for cell in (row.locator(".mark"), row.locator("td.words"), row.locator("td.more").first):
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert visit.violations() == []


def test_all_scripts_together_are_small() -> None:
    from syncd.console.looks import STATIC  # noqa: PLC0415

    assert sum(path.stat().st_size for path in Path(STATIC).rglob("*.js")) < MOST_JS


def test_a_link_changes_under_the_eyes_of_whoever_looks_at_it(visit: Visit, busy: Operated) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    visit.see("/links/1")
    visit.page.get_by_label("Why it is paused").fill("half a sentence")
    busy.world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    busy.world.drain()
    records = visit.page.get_by_role("region", name="Both records, as they are known")
    expect(records.get_by_role("row", name="status")).to_contain_text("resolved", timeout=SOON)
    expect(visit.page.get_by_role("region", name="Timeline")).to_contain_text("resolve", timeout=SOON)
    assert visit.page.get_by_label("Why it is paused").input_value() == "half a sentence"
    assert visit.complaints == []


@pytest.mark.parametrize("kind", ["CSV", "NDJSON", "Parquet"])
def test_a_press_takes_a_file_along_whose_digest_the_action_log_shows(visit: Visit, kind: str) -> None:
    visit.see("/deliveries?q=outcome%3Aapplied")
    with visit.page.expect_download() as coming:
        visit.page.get_by_role("button", name=kind, exact=True).click()
    file = coming.value.path()
    assert coming.value.suggested_filename == f"deliveries.{kind.lower()}"
    visit.see("/settings/actions")
    visit.page.get_by_role("row", name="GET /deliveries/export").first.get_by_role("link").first.click()
    words = visit.page.get_by_role("region", name="What was done").inner_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() in words
    assert "outcome:applied" in words
    assert visit.complaints == []


def test_the_overview_and_the_list_follow_too(visit: Visit, busy: Operated) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    visit.see("/links")
    busy.world.ask_for_incident("C-3")
    busy.world.drain()
    expect(visit.page.get_by_role("region", name="Links")).to_contain_text("C-3", timeout=SOON)
    visit.see("/overview")
    pausing.pause(busy.world.db, busy.world.link("C-1").id, by="Eve", why="one more")
    expect(visit.page.get_by_role("region", name="Needs attention")).to_contain_text("2 links are paused", timeout=SOON)


def test_without_javascript_everything_can_be_read_and_pressed(busy: Operated, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    visit = Visit(context.new_page(), str(busy.client.base_url).rstrip("/"))
    enter(visit)
    visit.see("/links/2")
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Resume").click()
    assert "Eve" not in visit.page.get_by_role("main").inner_text()
    context.close()


def test_the_keyboard_alone_reaches_what_a_page_is_for(visit: Visit) -> None:
    visit.see("/links/2")
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.textContent") == "Resume":
            break
    with visit.page.expect_navigation():
        visit.page.keyboard.press("Enter")
    assert "Paused since" not in visit.page.get_by_role("main").inner_text()


def test_a_delivery_opens_beside_the_list_by_the_keyboard_and_the_list_stays(visit: Visit) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    visit.see("/deliveries?q=outcome%3Aapplied")
    rows = visit.page.get_by_role("region", name="Deliveries")
    first = rows.get_by_role("row").nth(1).get_by_role("link").first
    number = first.inner_text()
    rows.evaluate("it => { it.dataset.stays = 'yes' }")
    first.focus()
    visit.page.keyboard.press("Enter")
    drawer = visit.page.get_by_role("region", name=f"Delivery {number}")
    expect(drawer).to_be_visible(timeout=SOON)
    expect(visit.page).to_have_url(re.compile(rf"q=outcome%3Aapplied&open={number}"))
    expect(drawer.get_by_role("heading", name=f"Delivery {number}")).to_be_focused()
    drawer.get_by_role("link", name="Raw").focus()
    visit.page.keyboard.press("Enter")
    expect(drawer.get_by_text('"outcome": "applied"')).to_be_visible(timeout=SOON)
    assert rows.evaluate("it => it.dataset.stays") == "yes", "the list was not drawn anew"
    visit.page.go_back()
    expect(drawer.get_by_text("what keeps it, and what helps")).to_be_visible(timeout=SOON)


_CUT = """() => [...document.querySelectorAll("main *")].filter(it => {
  const style = getComputedStyle(it), hides = style.overflowX !== "visible" || style.textOverflow === "ellipsis";
  return it.offsetParent !== null && hides && it.scrollWidth > it.clientWidth + 1;
}).map(it => it.outerHTML.slice(0, 80))"""
_BEYOND = "() => [...document.querySelectorAll('main *')].filter(it => it.getBoundingClientRect().right > innerWidth + 1).length"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_link_is_printed_whole_and_with_nothing_to_press(visit: Visit, theme: str) -> None:
    page = visit.page
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 within its margins
    page.emulate_media(media="print", color_scheme="dark" if theme == "dark" else "light")
    for address in ("/links/1?all=true", "/links/2"):
        visit.see(address)
        for name in ("header", "nav", "form", "button", "footer", ".button", ".skip-to"):
            assert not [one for one in page.locator(name).all() if one.is_visible()], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        assert (page.evaluate(_CUT), page.evaluate(_BEYOND)) == ([], 0)
        for region in ("Why", "Both records, as they are known", "Timeline"):
            assert page.get_by_role("region", name=region).is_visible()
        assert page.evaluate("getComputedStyle(document.documentElement).color") == "rgb(0, 0, 0)"
    assert page.get_by_role("heading", level=1).is_visible()
    assert len(page.pdf(prefer_css_page_size=True)) > 1000
    assert visit.complaints == []
