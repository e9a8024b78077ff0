"""The pages of evidence over an account that was really collected: what they say is what the report says, and what is pressed is done."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.report.html import lasting
from syncd.evidence.report.plain import Plain
from syncd.evidence.rules.values import Critical, Rules
from syncd.flow.access import people
from syncd.store import integrations
from tests.console.access import add_account
from tests.console.collected import HOSTILE
from tests.console.conftest import TOKEN, Door
from tests.parts.visit import MOST_HTML

from .operated import plain

ON = "/evidence/acme"
PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Shown:
    parts: Parts
    client: httpx.Client

    def enter(self, name: str = "Ops", secret: str = TOKEN) -> httpx.Response:
        self.client.cookies.clear()
        return self.client.post("/login", data={"name": name, "token": secret})

    def see(self, address: str = ON, status: int = 200) -> str:
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text
        return answer.text

    def words(self, address: str = ON) -> str:
        return html.unescape(plain(self.see(address)))

    def press(self, address: str, **fields: str) -> httpx.Response:
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', self.see())
        assert found is not None
        return self.client.post(address, data={"form_token": found[1], **fields})

    def report(self) -> Plain:
        return self.parts.desk().report("acme", "30d", "test")


@pytest.fixture
def shown(collected: Parts, door: Door) -> Iterator[Shown]:
    with httpx.Client(base_url=door.open(collected), trust_env=False, timeout=60) as client:
        made = Shown(collected, client)
        made.enter()
        yield made


def test_each_control_says_what_the_report_says(shown: Shown) -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", shown.see(), re.DOTALL)
    controls = {one["check"]: one for one in shown.report()["controls"]}
    assert len(controls) == len(CATALOGUE)
    for check, one in controls.items():
        (row,) = [html.unescape(plain(row)) for row in rows if f'{ON}/{check}">{one["title"]}' in row]
        if one["judged"]:
            assert f"{one['in_order']} / {one['judged']}" in row
        if one["result"] == "fail":
            assert re.search(rf"\b{one['wrong']} exceptions?\b", row)
        else:
            assert {"pass": "in order", "unknown": "unknown"}[one["result"]] in row


def test_times_are_those_of_the_report(shown: Shown) -> None:
    words = shown.words()
    for one in shown.report()["times"]["by_priority"]:
        spreads = [one[f"{what}_{part}_s"] for what in ("acknowledged", "resolved") for part in ("p50", "p90", "max")]
        told = [lasting(each) for each in spreads]
        late = one["late_acknowledged"], one["late_resolved"]
        assert (
            f"{one['name'] or 'none'} {one['incidents']} {told[0]} {told[1]} {told[2]} {late[0]} {told[3]} {told[4]} {told[5]} {late[1]}"
            in words
        )


def test_gaps_of_the_days_to_come_are_drawn_and_counted(shown: Shown) -> None:
    report = shown.report()
    end = (shown.parts.clock.now() + timedelta(days=14)).isoformat()
    ahead = [
        one
        for one in report["coverage"]
        if any(gap["end"] > report["known_at"] and gap["start"] < end for gap in one["gaps"])
    ]
    assert f"{len(ahead)} of {len(report['coverage'])} schedules have a gap" in shown.words()
    assert shown.see().count('class="gap"') == min(len(ahead), 14)


def test_it_is_light_and_what_somebody_is_called_has_an_effect_on_nothing(shown: Shown) -> None:
    for address in (ON, f"{ON}/SVC-01", f"{ON}/INC-04"):
        page = shown.see(address)
        assert len(page.encode()) < MOST_HTML
        assert re.findall(r"<script(?! src=\"/static/vendor/)| style=|<style", page) == [], "nothing but what is ours"
        assert address == f"{ON}/INC-04" or f"{html.escape(HOSTILE)}\u202c" in page, (
            "and what it turned around is turned back"
        )


def test_a_check_has_a_page_with_all_its_subjects(shown: Shown) -> None:
    whole = {one["subject"] for one in shown.report()["exceptions"] if one["check"] == "INC-04"}
    found, address = set[str](), f"{ON}/INC-04"
    while address:
        page = shown.see(address)
        found |= set(re.findall(r"<code>(\w+)</code>", page))
        more = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = html.unescape(more[1]) if more else ""
    assert (len(whole) > 50, found) == (True, whole)
    words = shown.words(f"{ON}/EP-02")
    assert ("levels 2" in words, "CC7.4, A1.2" in words, "A.5.24, A.5.29" in words) == (True, True, True)
    assert "Add a level that calls other people" in words
    assert shown.client.get(f"{ON}/NONE-1").status_code == 404
    assert shown.client.get("/evidence/nobody").status_code == 404
    assert shown.client.get("/evidence/nobody/events").status_code == 404


@pytest.mark.parametrize("check", [one.id for one in CATALOGUE])
def test_every_check_has_a_page(shown: Shown, check: str) -> None:
    assert next(one.question for one in CATALOGUE if one.id == check) in shown.words(f"{ON}/{check}")


def test_a_finding_is_accepted_on_its_page_and_taken_back(shown: Shown) -> None:
    subject = next(one for one in shown.report()["exceptions"] if one["check"] == "SVC-05")
    opened = shown.see(f"{ON}/SVC-05?accept={subject['subject']}")
    assert f'id="subject" name="subject" value="{subject["subject"]}"' in opened
    fields = {"check": "SVC-05", "subject": subject["subject"], "until": "2026-12-31", "why": "It is <b>going</b>."}
    done = shown.press(f"{ON}/accept", **fields)
    assert (done.status_code, done.headers["location"]) == (303, f"{ON}/SVC-05#acceptances")
    words = shown.words(f"{ON}/SVC-05")
    assert "accepted until 2027-01-01 00:00 by Ops" in words
    assert "It is <b>going</b>." in words, "as it was typed, and no more than that"
    assert shown.press(f"{ON}/withdraw", acceptance="1").status_code == 303
    assert "withdrawn by Ops" in shown.words(f"{ON}/SVC-05")
    assert "accepted until" not in shown.words(f"{ON}/SVC-05")


@pytest.mark.parametrize(
    ("act", "fields", "says"),
    [
        (
            "accept",
            {"check": "SVC-05", "until": "2020-01-01", "why": "x"},
            "UTC; name a time that is still to come, like",
        ),
        ("accept", {"check": "SVC-99", "until": "2027-01-01", "why": "x"}, "SVC-99 is no check"),
        ("withdraw", {"acceptance": "9"}, "acme has no acceptance 9"),
        ("explode", {}, "Nothing called"),
    ],
)
def test_what_cannot_be_done_is_said(shown: Shown, act: str, fields: dict[str, str], says: str) -> None:
    refused = shown.press(f"{ON}/{act}", **fields)
    assert refused.status_code in {404, 409}
    assert says in html.unescape(refused.text)


def test_collecting_is_asked_for_and_shown_while_it_lasts(shown: Shown) -> None:
    assert "Being collected" not in shown.words()
    assert shown.press(f"{ON}/collect").status_code == 303
    assert "Being collected: services, escalation policies" in shown.words()


def test_a_bundle_is_downloaded_and_becomes_a_snapshot_that_is_shown_again(shown: Shown) -> None:
    assert "None was made yet" in shown.words(f"{ON}/snapshots")
    sent = shown.press(f"{ON}/bundle", period="7d")
    assert (sent.status_code, sent.headers["content-type"]) == (200, "application/zip")
    assert "report.html" in zipfile.ZipFile(io.BytesIO(sent.content)).namelist()
    again = shown.words(f"{ON}?snapshot=1")
    assert "This is snapshot 1, as it was answered on 2026-03-01 12:03 UTC to Ops." in again
    assert "Accept…" not in again
    for room in ("", "/SVC-05", "/report"):
        refused = shown.client.get(f"{ON}{room}?snapshot=1&period=7d")
        assert (refused.status_code, "leave period out, or snapshot" in refused.text) == (422, True)
    listed = shown.words(f"{ON}/snapshots?a=1&b=")
    assert "What changed from 1 to now" in listed
    assert shown.client.get(f"{ON}/snapshots?a=9").status_code == 409


def test_the_page_to_print_is_a_file(shown: Shown) -> None:
    sent = shown.client.get(f"{ON}/report?period=7d")
    assert sent.headers["content-disposition"] == 'attachment; filename="evidence-acme-2026-03-01.html"'
    assert "2026-02-22 12:03 to 2026-03-01 12:03 UTC" in re.sub(r"\s+", " ", sent.text)


def test_what_was_not_read_is_told_with_what_mends_it(shown: Shown) -> None:
    words = shown.words()
    assert "Not everything can be seen" not in words
    with shown.parts.database.write() as tx:
        now = shown.parts.database.now(tx)
        integrations.disconnect(tx, "acme", code="PAG-100-B", reason="The key is gone.", now=now, probe_at=now)
    shown.parts.clock.forward(61)  # type: ignore[attr-defined]
    words = shown.words()
    assert "Not everything can be seen. The key is gone." in words
    assert "syncd integrations reconnect acme" in words
    assert len(shown.see().encode()) < MOST_HTML


def test_an_answer_is_made_anew_when_something_was_accepted_or_a_minute_has_gone(shown: Shown) -> None:
    clock = shown.parts.clock
    assert isinstance(clock, StoppedClock)
    assert "to 2026-03-01 12:03 UTC" in shown.words()
    clock.forward(59)
    assert "to 2026-03-01 12:03 UTC" in shown.words(), "the same one"
    clock.forward(2)
    assert "to 2026-03-01 12:04 UTC" in shown.words()


def test_who_only_reads_is_shown_nothing_to_press_but_bundles(shown: Shown) -> None:
    people.add(shown.parts.database, name="Ann", role=Role.AUDITOR, password=PASSWORD, by="test")
    entered = shown.enter("Ann", PASSWORD)
    assert entered.headers["location"] == "/"
    assert shown.client.get("/").headers["location"] == "/evidence"
    page, words = shown.see(), shown.words()
    assert ("Collect now" in words, "Accept…" in words, "Download bundle…" in words) == (False, False, True)
    assert re.findall(r'<a href="(/[a-z]+)"(?: aria-current="page")?>', page) == ["/evidence", "/settings"]
    assert shown.press(f"{ON}/accept", check="SVC-05", until="2027-01-01", why="x").status_code == 403
    assert shown.press(f"{ON}/bundle", period="7d").status_code == 200
    assert [shown.client.get(address).status_code for address in ("/links", "/cases", "/deliveries")] == [403] * 3


def test_of_several_accounts_there_is_a_list_and_without_any_the_room_is_not_there(shown: Shown) -> None:
    db = shown.parts.database
    assert shown.client.get("/evidence").headers["location"] == ON
    add_account(db, "second")
    with db.write() as tx:
        integrations.configure(tx, "second", {integrations.EVIDENCE: True})
    words = shown.words("/evidence")
    assert ("acme" in words, "second" in words) == (True, True)
    with db.write() as tx:
        for slug in ("acme", "second"):
            integrations.configure(tx, slug, {integrations.EVIDENCE: False})
    assert 'href="/evidence"' not in shown.see("/overview")
    assert "`syncd integrations set NAME --evidence on`".strip("`") in shown.words("/evidence")


def test_critical_services_are_a_rule_that_the_page_of_their_check_shows(collected: Parts, door: Door) -> None:
    ruled = replace(collected, rules=Rules(critical=Critical(names=("feed*",))))
    with httpx.Client(base_url=door.open(ruled), trust_env=False, timeout=60) as client:
        made = Shown(ruled, client)
        made.enter()
        assert "feed*" in made.words(f"{ON}/SVC-01")
