"""The page of deliveries: one line asks for them, every count narrows it, and what the page shows the API shows."""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlencode

import pytest

from syncd.core.changes import Field, Side, Status
from syncd.core.permissions import Role
from syncd.core.query.fields import FIELDS
from syncd.errors import RateLimited, Refused
from syncd.store import saved_views
from syncd.store.saved_views import SavedView
from tests.console.conftest import TOKEN

from .operated import Operated, plain


@pytest.fixture
def busy(operated: Operated) -> Operated:
    for ref in ("C-1", "C-2"):
        operated.world.ask_for_incident(ref)
    operated.world.drain()
    seen = operated.world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    operated.world.drain()
    operated.world.tell(Side.INCIDENT, "I-1", seen)
    operated.world.drain()
    return operated


def _shown(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'<td><a href="/deliveries\?[^"]*open=(\d+)#drawer"', page)]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "outcome:applied",
        "-outcome:applied",
        "case:C-1",
        "case:C-* direction:inbound",
        "reason:unchanged",
        "nothing",
    ],
)
def test_a_line_finds_what_the_api_finds(busy: Operated, line: str) -> None:
    page = busy.see(f"/deliveries?{urlencode({'q': line})}")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    told = busy.client.get("/v1/deliveries", params={"q": line}, headers=bearer).json()["deliveries"]
    assert _shown(page) == [one["id"] for one in told]


def test_a_line_that_is_not_understood_names_the_place_and_keeps_what_was_typed(busy: Operated) -> None:
    page = html.unescape(busy.see(f"/deliveries?q={quote('outcom:failed')}", 422))
    assert "did you mean outcome" in page
    assert 'value="outcom:failed"' in page


def test_a_count_narrows_the_list_and_a_second_press_takes_that_back(busy: Operated) -> None:
    page = busy.see("/deliveries")
    (address,) = {
        html.unescape(one) for one in re.findall(r'<a href="(/deliveries\?[^"]*outcome%3Asuppressed[^"]*)">', page)
    }
    narrowed = busy.see(address)
    assert len(_shown(narrowed)) == 1
    back = re.search(r'<a href="([^"]+)" aria-current="true">suppressed', narrowed)
    assert back is not None
    assert _shown(busy.see(html.unescape(back[1]))) == _shown(page)


def test_a_bar_leads_to_its_own_rows(busy: Operated) -> None:
    busy.world.clock.forward(4 * 3600)
    busy.world.comment(Side.CASE, "C-2", "Later.")
    busy.world.drain()
    page = busy.see("/deliveries")
    bars = [html.unescape(one) for one in re.findall(r'<a href="([^"]+)" tabindex="-1">', page)]
    assert len(bars) == 2
    first, second = (_shown(busy.see(one)) for one in bars)
    assert sorted(first + second) == sorted(_shown(page))
    assert len(second) == 1


def test_pages_follow_each_other_also_while_rows_come_in(busy: Operated) -> None:
    for number in range(30):
        busy.world.ask_for_incident(f"D-{number}")
    busy.world.drain()
    page = busy.see("/deliveries")
    older = re.search(r'<a href="([^"]+)" rel="next">', page)
    assert older is not None
    busy.world.ask_for_incident("D-99")
    busy.world.drain()
    rest = _shown(busy.see(html.unescape(older[1])))
    assert max(rest) == min(_shown(page)) - 1


def test_what_is_shown_can_be_taken_along(busy: Operated) -> None:
    taken = busy.client.get("/deliveries/export?q=outcome%3Asuppressed&format=csv")
    assert taken.headers["content-disposition"] == 'attachment; filename="deliveries.csv"'
    assert len(taken.text.splitlines()) == 2


def test_every_field_is_explained_on_the_page(busy: Operated) -> None:
    words = html.unescape(busy.words("/deliveries"))
    assert all(one.example in words for one in FIELDS.values())


def test_an_empty_log_says_so(operated: Operated) -> None:
    assert "None is like that." in operated.words("/deliveries?q=outcome:failed")


def _refused(operated: Operated) -> int:
    operated.world.ask_for_incident()
    operated.world.drain()
    operated.world.incident.fail("add_note", Refused("The request is wrong."))
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.drain()
    return int(operated.world.last()["id"])


def test_a_replay_is_shown_first_and_sent_when_pressed(operated: Operated) -> None:
    number = _refused(operated)
    on = f"/deliveries/{number}?plan=true"
    assert "Send it" in operated.words(on)
    assert operated.world.incident.texts("I-1") == [], "to look at it sends nothing"
    operated.press(on, f"/deliveries/{number}/replay")
    operated.world.drain()
    assert operated.world.incident.texts("I-1") == ["Ana (case): Rolling back."]
    assert "Send it" not in operated.words(on), "a second time there is nothing to send"


def test_what_was_refused_is_parked_with_a_reason(operated: Operated) -> None:
    number = _refused(operated)
    on = f"/deliveries/{number}"
    assert operated.press(on, f"{on}/park", why="").status_code == 409
    assert operated.press(on, f"{on}/park", why="told by phone").status_code == 303
    assert operated.world.last()["outcome"] == "parked"
    assert "dealt with before" in operated.press(on, f"{on}/park", why="again").text
    assert operated.press(on, f"{on}/explode").status_code == 404


def test_a_viewer_replays_nothing(operated: Operated) -> None:
    number = _refused(operated)
    operated.sign_in_as(Role.VIEWER)
    assert "Send it" not in operated.words(f"/deliveries/{number}?plan=true")
    assert operated.press("/links", f"/deliveries/{number}/replay").status_code == 403


def test_a_query_is_saved_picked_and_removed_on_the_page(operated: Operated) -> None:
    on = "/deliveries?q=outcome%3Afailed"
    saved = operated.press(on, "/deliveries/views/save", name="bad", q="outcome:failed", everybody="yes")
    assert (saved.status_code, saved.headers["location"]) == (303, "/deliveries?q=outcome%3Afailed")
    assert '<a href="/deliveries?q=outcome%3Afailed" aria-current="true">bad</a>' in operated.see(on)
    wrong = operated.press(on, "/deliveries/views/save", name="Bad one", q="outcome:failed")
    assert wrong.status_code == 409
    assert "cannot be a name" in wrong.text
    assert operated.press(on, "/deliveries/views/save", name="x", q="outcom:failed").status_code == 422
    assert operated.press(on, "/deliveries/views/explode", name="x", q="").status_code == 404
    assert operated.press(on, "/deliveries/views/remove", name="bad").status_code == 404, "it is not one's own"
    operated.press(on, "/deliveries/views/remove", name="bad", everybody="yes")
    assert "bad</a>" not in operated.see("/deliveries")


def test_a_viewer_keeps_views_of_its_own_alone(operated: Operated) -> None:
    operated.press("/deliveries", "/deliveries/views/save", name="all", q="outcome:held", everybody="yes")
    operated.sign_in_as(Role.VIEWER)
    assert (
        operated.press("/deliveries", "/deliveries/views/save", name="x", q="id:1", everybody="yes").status_code == 403
    )
    assert operated.press("/deliveries", "/deliveries/views/remove", name="all", everybody="yes").status_code == 403
    assert operated.press("/deliveries", "/deliveries/views/save", name="x", q="id:1").status_code == 303
    page = operated.see("/deliveries?q=id%3A1")
    assert "for everybody" not in page
    assert page.count("Remove the saved view") == 1


def test_a_view_that_is_not_understood_any_more_says_so(operated: Operated) -> None:
    with operated.world.db.write() as tx:
        saved_views.put(tx, SavedView("Ops", "old", "colour:red", "Ops", operated.world.clock.now()))
    assert "old At character 1: 'colour' is no field" in html.unescape(operated.words("/deliveries"))


def _opened(page: str, part: str = "") -> str:
    """What stands beside the list."""
    found = re.search(r'<div id="drawer">(.*?)</div>\n</div>\n</main>', page, re.DOTALL)
    assert found is not None
    return plain(html.unescape(found[1])) if not part else found[1]


def test_a_row_opens_beside_the_list_without_leaving_the_query(busy: Operated) -> None:
    asked = "/deliveries?q=outcome%3Asuppressed"
    page = busy.see(asked)
    address = re.search(r'<td><a href="([^"]+)#drawer" hx-boost="true" hx-target="#drawer">', page)
    assert address is not None
    opened = busy.see(html.unescape(address[1]))
    (number,) = _shown(page)
    assert _shown(opened) == [number]
    assert 'value="outcome:suppressed"' in opened
    assert f"Delivery {number} suppressed" in _opened(opened)
    closed = re.search(r'<a href="([^"]+)">close</a>', opened)
    assert closed is not None
    assert html.unescape(closed[1]) == asked
    assert _opened(page) == ""


def test_each_part_of_it_is_a_link(busy: Operated) -> None:
    busy.world.incident.fail("add_note", RateLimited("Slow down.", retry_after=7.0), times=1)
    busy.world.comment(Side.CASE, "C-1", "Rolling back.")
    busy.world.drain()
    busy.world.wait(60)
    last = busy.world.last()
    page = busy.see(f"/deliveries?open={last['id']}")
    parts = [html.unescape(one) for one in re.findall(r'<a href="([^"]+)#drawer" hx-boost="true"[^>]*>[A-Z]', page)]
    why, attempts, request, response, mapping, raw = (_opened(busy.see(one)) for one in parts)
    assert "This change was made" in why or last["detail"] in why
    assert "Attempts 2" in why
    assert ("retrying" in attempts, "applied" in attempts) == (True, True)
    assert "Nothing was sent." in request or "{" in request
    assert response
    assert "Now it would become: a note: Ana (case): Rolling back." in mapping
    assert f'"id": {last["id"]}' in raw


def test_a_script_is_given_what_stands_beside_the_list_alone(busy: Operated) -> None:
    number = busy.world.last()["id"]
    asked = f"/deliveries?open={number}&tab=raw"
    alone = busy.client.get(asked, headers={"HX-Request": "true", "HX-Target": "div#drawer"}).text
    assert alone.lstrip().startswith("<section")
    assert alone.strip() in busy.see(asked)
    back = {"HX-Request": "true", "HX-Target": "div#drawer", "HX-History-Restore-Request": "true"}
    assert busy.client.get(asked, headers=back).text == busy.see(asked)


def test_one_that_is_not_there_any_more_says_so_beside_the_list(busy: Operated) -> None:
    assert "There is no delivery 777; it may have been thrown away since." in busy.words("/deliveries?open=777")
    busy.see("/deliveries?open=1&tab=everything", 422)
    busy.see(f"/deliveries?open={2**70}", 422)
