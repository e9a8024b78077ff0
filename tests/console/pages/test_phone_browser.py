"""On a phone, and with words that have no end: what a page is for is seen there, and nothing has to be moved sideways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from syncd.core.changes import Field, Side, Status
from syncd.core.permissions import Role
from syncd.flow.access import people, tokens
from syncd.flow.orders import pausing
from syncd.store.cases import Cases, Hand, NewCase
from tests.parts.visit import MOST_HTML, Visit

from .operated import Operated
from .test_browser import PAGES, enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 800}
DESK: ViewportSize = {"width": 1280, "height": 800}
WORD = "checkout" * 25  # as long as an address that somebody pasted
ANA = Hand(f"Ana {WORD}", "api")
SAID = (
    f"/links?about={WORD}",
    f"/deliveries?q={WORD}",
    f"/why?ref={WORD}",
    f"/routing?case={WORD}",
    f"/settings/actions?who={WORD}",
    "/links/1?all=true&compare=true",
    "/cases/CS-1",
    "/settings/actions?who=",
)


@pytest.fixture
def wordy(operated: Operated) -> Operated:
    """Whatever somebody else may have named or written is one long word."""
    world = operated.world
    world.ask_for_incident("C-1", title=WORD, body=WORD)
    world.ask_for_incident(f"C-{WORD}", title=f"https://desk.test/{WORD}")
    world.drain()
    world.comment(Side.CASE, "C-1", WORD)
    world.comment(Side.INCIDENT, "I-1", WORD)
    world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    pausing.pause(world.db, world.link("C-1").id, by=WORD, why=WORD)
    cases = Cases(world.db, site="http://syncd.test")
    opened = cases.open(NewCase(WORD, WORD, "P2", source=WORD, team=WORD, labels=(WORD, "eu"), service=WORD), ANA)
    cases.comment(opened.case.key, ANA, WORD)
    cases.resolve(opened.case.key, ANA, WORD)
    people.add(world.db, name=f"Dana {WORD}", role=Role.VIEWER, password="correct horse battery", by=WORD)
    tokens.issue(world.db, name=f"reports {WORD}", role=Role.VIEWER, scope=(), by=WORD)
    return operated


@pytest.fixture
def visit(operated: Operated, browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport=PHONE)
    made = Visit(context.new_page(), str(operated.client.base_url).rstrip("/"))
    enter(made)
    yield made
    context.close()


@pytest.mark.usefixtures("wordy")
def test_a_word_without_an_end_moves_no_page_sideways(visit: Visit) -> None:
    wide, wrong = [], []
    for address in (*PAGES, *SAID):
        visit.page.goto(f"{visit.base}{address}")
        if address in SAID:
            wrong += visit.violations()
        for size in (DESK, PHONE):
            visit.page.set_viewport_size(size)
            if visit.page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                wide.append((address[:40], size["width"]))
    assert (wide, wrong) == ([], [])


def _is_seen(visit: Visit, what: Locator) -> bool:
    """Wholly within the phone, without moving anything sideways."""
    box = what.evaluate("it => { const at = it.getBoundingClientRect(); return [at.left, at.right] }")
    return bool(0 <= box[0] < box[1] <= visit.page.evaluate("innerWidth"))


@pytest.mark.usefixtures("wordy")
def test_a_phone_shows_both_sides_of_a_link_at_once(visit: Visit) -> None:
    visit.see("/links/1")
    table = visit.page.get_by_role("group", name="Table: Both records, as they are known")
    assert table.evaluate("it => it.scrollWidth <= it.clientWidth")
    for cell in table.locator("th, td").all():
        assert _is_seen(visit, cell), cell.inner_text()
    status = table.get_by_role("row", name="status").locator("td")
    assert status.first.inner_text().startswith("acknowledged")
    heights = [status.nth(place).evaluate("it => it.getBoundingClientRect().height") for place in range(3)]
    assert max(heights) < 80, "the words of a status are not broken into letters"


def test_what_changed_is_read_before_what_became_of_it_and_stands_on_its_side_where_there_is_room(
    visit: Visit, operated: Operated
) -> None:
    operated.world.ask_for_incident("C-1")
    operated.world.drain()
    operated.world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    operated.world.drain()
    for size, is_on_the_right in ((PHONE, False), (DESK, True)):
        visit.page.set_viewport_size(size)
        visit.see("/links/1?all=true")
        row = visit.page.locator(".lanes > .inbound", has_text="acknowledge").first
        boxes = [row.locator(part).bounding_box() for part in (".from", ".did", ".became")]
        at = [(box["x"], box["y"]) for box in boxes if box]
        assert len(at) == 3
        if is_on_the_right:
            assert at[0][0] > at[1][0] > at[2][0]
        else:
            assert at[0][1] < at[1][1] < at[2][1], "one below the other, in the order in which it happened"
            assert len({x for x, _ in at}) == 1


def test_a_phone_shows_the_state_and_the_end_of_a_token_and_how_it_is_revoked(visit: Visit, operated: Operated) -> None:
    tokens.issue(operated.world.db, name="reports", role=Role.VIEWER, scope=["pagerduty"], by="Ops")
    assert visit.see("/settings") < MOST_HTML
    row = visit.page.get_by_role("region", name="Tokens").locator("tbody tr")
    for cell in row.locator("td").all():
        assert _is_seen(visit, cell), cell.inner_text()
    assert "until" in row.inner_text()
    assert _is_seen(visit, row.get_by_role("button", name="Revoke"))
    for sentence in ("No channel is set", "Nobody yet"):
        assert _is_seen(visit, visit.page.get_by_text(sentence))
    assert visit.violations() == []
