"""Where "View in PagerDuty" leads in a demo: a page for browsers, under the address the REST API names."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from syncd.simulator import Simulator, serve

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def browser(sim: Simulator) -> Iterator[httpx.Client]:
    with serve(sim.app) as base, httpx.Client(base_url=base, trust_env=False, headers=BROWSER) as made:
        yield made


def test_a_browser_is_shown_the_incident_and_nothing_in_it_is_markup(browser: httpx.Client, sim: Simulator) -> None:
    incident = sim.people.open("<b>Slow</b>", "Ana Lima")
    sim.people.note(incident.id, "<script>alert(1)</script>", "Ben Osei")
    shown = browser.get(f"/incidents/{incident.id}")
    assert shown.status_code == 200
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    for text in ("&lt;b&gt;Slow&lt;/b&gt;", "triggered", "&lt;script&gt;", "Ben Osei"):
        assert text in shown.text
    assert "<b>" not in shown.text
    assert "<script>" not in shown.text


def test_an_incident_that_is_not_there_is_said(browser: httpx.Client) -> None:
    shown = browser.get("/incidents/QNONE")
    assert shown.status_code == 404
    assert "no such incident" in shown.text


def test_rest_callers_never_get_it(browser: httpx.Client, sim: Simulator) -> None:
    incident = sim.people.open("Slow", "Ana Lima")
    asked = {"Accept": "application/json", "Authorization": f"Token token={sim.keys.full}"}
    answer = browser.get(f"/incidents/{incident.id}", headers=asked)
    named = urlsplit(answer.json()["incident"]["html_url"])
    assert named.path == f"/incidents/{incident.id}"
    assert browser.get(f"/incidents/{incident.id}", headers={"Accept": "application/json"}).status_code == 401
    assert browser.get(f"/incidents/{incident.id}/notes").status_code == 401
