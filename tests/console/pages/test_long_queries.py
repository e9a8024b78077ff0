"""However long the line is that the deliveries are asked by: the page stays light, and all that leads on from it keeps the line."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

import pytest

from syncd.console.pages.long_query import SHORT, line_of, place
from syncd.core.query.reading import MOST_SIGNS, read
from syncd.core.reasons import Outcome, Reason
from syncd.errors import NotFound
from syncd.store import deliveries
from syncd.store.deliveries import Delivery
from tests.parts.visit import MOST_HTML, Visit

from .operated import Operated
from .test_browser import SOON, enter
from .test_deliveries import _shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser

USUAL = "outcome:failed,retrying,applied,suppressed direction:inbound,outbound age<24h -reason:echo"
PAIRS = [("-case", ",".join(f"X-{number:04}" for number in range(100)))] * 5
MANY = " ".join(f"{name}:{values}" for name, values in PAIRS)[:MOST_SIGNS].rsplit(",", 1)[0]
LONGEST = {
    "usual": USUAL,
    "many values": MANY,
    "signs that are written out in HTML": "-" + "&" * (MOST_SIGNS - 1),
    "quotes": '-"' + '\\"' * ((MOST_SIGNS - 3) // 2) + '"',
    "signs of four bytes": "-" + "\N{PAGER}" * (MOST_SIGNS - 1),
}


@pytest.fixture
def full(operated: Operated) -> Operated:
    """Of every outcome, at many times, so that there is all that the page can show."""
    world = operated.world
    world.ask_for_incident("C-1")
    world.drain()
    for _ in range(30):
        rows = [
            Delivery(
                recorded_at=world.clock.now(),
                direction=direction,
                change="unacknowledge",
                outcome=outcome,
                reason=reason,
                case_id="CHECKOUT-1042",
                link_id=1,
                http_status=503,
                attempt=3,
                integration="pagerduty",
                detail="PagerDuty answered 503 and is asked again at 12:00; the older changes of this link wait for it. "
                * 2,
            )
            for direction, outcome, reason in zip(("inbound", "outbound") * 4, Outcome, list(Reason)[:8], strict=True)
        ]
        with world.db.write() as tx:
            deliveries.record_many(tx, rows)
        world.clock.forward(60 * 10)
    return operated


@pytest.mark.parametrize("what", LONGEST)
@pytest.mark.parametrize("beside", ["", "why", "attempts", "raw"])
def test_a_full_page_stays_light(full: Operated, what: str, beside: str) -> None:
    line = LONGEST[what]
    assert read(line).terms, "it is accepted"
    more = {"open": "3", "tab": beside} if beside else {}
    shown = full.client.get(f"/deliveries?{urlencode({'q': line, **more})}", follow_redirects=True)
    assert shown.status_code == 200, shown.text
    assert len(_places(shown.text)) >= 5
    assert len(shown.content) < MOST_HTML


def _places(page: str) -> list[str]:
    found = re.findall(r'<td><a href="([^"]+)#drawer"', page)
    return [html.unescape(one) for one in found]


def _long(operated: Operated, line: str = USUAL) -> tuple[str, str]:
    """Where the page is, and what stands there."""
    answer = operated.client.get(f"/deliveries?{urlencode({'q': line})}", follow_redirects=True)
    return str(answer.url), answer.text


def _seen(operated: Operated, at: str, address: str) -> str:
    answer = operated.client.get(urljoin(at, html.unescape(address)), follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def _line(page: str) -> str:
    found = re.search(r'<input name="q" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_a_row_opens_and_closes_and_its_parts_lead_to_each_other(full: Operated) -> None:
    at, page = _long(full)
    opened = _seen(full, at, _places(page)[3])
    assert _line(opened) == USUAL
    assert "Attempts" in opened
    raw = re.search(r'<a href="([^"]+)#drawer"[^>]*>Raw', opened)
    assert raw is not None
    assert "&#34;outcome&#34;: " in _seen(full, at, raw[1])
    closed = re.search(r'<a href="([^"]+)">close</a>', opened)
    assert closed is not None
    assert _seen(full, at, closed[1]) == page


def test_pages_follow_each_other_and_what_is_open_leaves_the_place(full: Operated) -> None:
    at, page = _long(full)
    older = re.search(r'<a href="([^"]+)" rel="next">', page)
    assert older is not None
    second = _seen(full, at, older[1])
    assert _line(second) == USUAL
    first_there, last_here = (re.findall(r"open=(\d+)#", one) for one in (second, page))
    assert int(first_there[0]) < int(last_here[-1])
    newest = re.search(r'<a href="([^"]+)">Newest', second)
    assert newest is not None
    assert _seen(full, at, newest[1]) == page


def test_a_count_and_a_bar_narrow_it_and_a_second_press_takes_that_back(full: Operated) -> None:
    at, page = _long(full)
    failed = re.search(r'<a href="([^"]+)">failed ', page)
    assert failed is not None
    narrowed = _seen(full, at, failed[1])
    assert _line(narrowed) == "direction:inbound,outbound age<24h -reason:echo outcome:failed"
    bar = re.search(r'<a href="([^"]+)" tabindex="-1">', page)
    assert bar is not None
    of_bar = _line(_seen(full, at, bar[1]))
    assert of_bar.startswith("outcome:failed,retrying,applied,suppressed direction:inbound,outbound -reason:echo at:")
    assert "age" not in of_bar
    twice = USUAL.replace("outcome:failed,retrying,applied,suppressed ", "") + " outcome:failed actor:nobody*"
    at, page = _long(full, twice.replace(" actor:nobody*", " -actor:nobody"))
    back = re.search(r'<a href="([^"]+)" aria-current="true">failed', page)
    assert back is not None
    assert "outcome" not in _line(_seen(full, at, back[1]))


def test_it_is_saved_and_picked_by_its_name(full: Operated) -> None:
    at, _ = _long(full)
    path = at.removeprefix(str(full.client.base_url).rstrip("/"))
    assert full.press(path, path, name="bad").headers["location"] == path
    page = _seen(full, at, "")
    picked = re.search(r'<a href="([^"]+)" aria-current="true">bad</a>', page)
    assert picked is not None
    assert len(picked[1]) < SHORT
    assert _seen(full, at, picked[1]) == page
    assert full.client.get("/deliveries?view=none").status_code == 404


def test_what_is_added_to_its_address_is_asked_as_well(full: Operated) -> None:
    at, _ = _long(full)
    assert _line(_seen(full, at, "?change=unacknowledge")) == f"{USUAL} change:unacknowledge"
    assert full.client.get(at + "?only=colour:red").status_code == 422


def test_an_address_that_holds_none_is_not_there(full: Operated) -> None:
    assert line_of(place(USUAL).rsplit("/", 1)[1]) == USUAL
    for packed in ("!", "a", "_w"):
        with pytest.raises(NotFound):
            line_of(packed)
        assert full.client.get(f"/deliveries/of/{packed}").status_code == 404


def test_a_short_one_is_asked_as_it_was(full: Operated) -> None:
    assert len(_shown(full.see("/deliveries?q=outcome%3Aapplied&open=3"))) > 1


@pytest.mark.parametrize("has_scripts", [True, False])
def test_in_a_browser_rows_open_and_the_way_back_is_its_own(
    full: Operated, browser: Browser, has_scripts: bool
) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415

    context = browser.new_context(java_script_enabled=has_scripts)
    visit = Visit(context.new_page(), str(full.client.base_url).rstrip("/"))
    enter(visit)
    page = visit.page
    visit.see("/deliveries")
    page.get_by_label("Which deliveries").fill(USUAL)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    at = page.url
    link = page.get_by_role("region", name="Deliveries").get_by_role("row").nth(2).get_by_role("link").first
    number = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("region", name=f"Delivery {number}")
    expect(drawer).to_be_visible(timeout=SOON)
    expect(page).to_have_url(f"{at}?open={number}#drawer")
    drawer.get_by_role("link", name="Raw").click()
    expect(drawer.get_by_text('"outcome": ')).to_be_visible(timeout=SOON)
    expect(page).to_have_url(f"{at}?open={number}&tab=raw#drawer")
    page.go_back()
    expect(drawer.get_by_text("what keeps it, and what helps")).to_be_visible(timeout=SOON)
    drawer.get_by_role("link", name="close").click()
    expect(drawer).to_have_count(0, timeout=SOON)
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert coming.value.suggested_filename == "deliveries.csv"
    page.get_by_role("navigation", name="Narrow it").get_by_role("link", name="failed").click()
    expect(page.get_by_label("Which deliveries")).to_have_value(re.compile("outcome:failed$"))
    page.go_back()
    expect(page.get_by_label("Which deliveries")).to_have_value(USUAL)
    assert visit.complaints == []
    context.close()
