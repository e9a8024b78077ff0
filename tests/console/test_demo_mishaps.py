"""The demo's buttons for what goes wrong, pressed as a browser without JavaScript presses them: each is done for real, and told."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from syncd.console.demo.mishaps import (
    ALL_WELL,
    MISHAPS,
    RATE_LIMIT_S,
    SAID_LIMITED,
    SAID_REVOKED,
    SAID_TWICE,
    SAID_WITHOUT_WORKER,
    Standing,
)
from syncd.console.parts import Parts
from syncd.core.changes import Status
from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.store.cases import Hand

from .conftest import Door
from .stage import Stage, staged

ANA = Hand("Ana Lima", "api")
PASSWORD = "correct horse battery"


@pytest.fixture
def stage(parts: Parts, door: Door) -> Iterator[Stage]:
    with staged(parts, door) as it:
        yield it


class Presser:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.http = httpx.Client(base_url=stage.url, trust_env=False, follow_redirects=True, timeout=20)

    def page(self, query: str = "") -> str:
        return html.unescape(self.http.get(f"/demo?case={self._stage.key}{query}").text)

    def press(self, mishap: str) -> httpx.Response:
        token = re.search(r'name="form_token" value="([^"]+)"', self.page())
        assert token is not None
        path = f"/demo/{self._stage.key}/mishaps/{mishap}"
        return self.http.post(path, data={"form_token": token[1]})


@pytest.fixture
def presser(stage: Stage) -> Iterator[Presser]:
    made = Presser(stage)
    with made.http:
        yield made


def comments(stage: Stage) -> list[str]:
    return [line.text for line in stage.parts.cases.file(stage.key).timeline if line.kind == "comment"]


def notes(stage: Stage) -> list[str]:
    return [one.content for one in stage.sim.account.incidents[stage.incident].notes]


def said(answer: httpx.Response) -> str:
    found = re.search(r'id="said"[^>]*>([^<]*)<', answer.text)
    return html.unescape(found[1]) if found else ""


def test_each_is_told_in_a_sentence_or_two_with_pages_to_look_at(presser: Presser, stage: Stage) -> None:
    for mishap in MISHAPS.values():
        assert 1 <= len(re.findall(r"[.;:](?: |$)", mishap.says)) <= 4, mishap.slug
        page = presser.page(f"&told={mishap.slug}")
        assert mishap.says in page
        for sight in mishap.sights:
            at = sight.at({"case": stage.key, "link": "1", "incident": stage.incident, "account": "pagerduty"})
            assert f'<a href="{at.address}">{sight.label}</a>' in page, mishap.slug
            if not at.address.startswith("/integrations/"):  # This stage has none.
                assert presser.http.get(at.address).status_code == 200, at.address
    assert 'id="told"' not in presser.page("&told=nothing")


def test_what_can_be_mended_shows_its_remedy_while_it_stands() -> None:
    pairs = {"revoke-key": "restore-key", "down": "up-again"}
    well = {one.slug for one in ALL_WELL.buttons()}
    assert well == set(MISHAPS) - set(pairs.values())
    assert ALL_WELL.chips() == ()
    for standing in (Standing(is_revoked=True), Standing(is_disconnected=True)):
        assert {one.slug for one in standing.buttons()} == well - {"revoke-key"} | {"restore-key"}
    down = Standing(limited_s=12, is_down=True)
    assert {one.slug for one in down.buttons()} == well - {"down"} | {"up-again"}
    assert down.chips() == ("rate limited for 12 s more", "PagerDuty is down")


def test_a_rate_limit_ends_by_itself_and_something_has_to_go_out_meanwhile(presser: Presser, stage: Stage) -> None:
    answer = presser.press("rate-limit")
    assert (answer.status_code, MISHAPS["rate-limit"].says in html.unescape(answer.text)) == (200, True)
    (fault,) = stage.sim.faults.standing()
    assert (fault["status"], fault["count"], fault["lasts_s"]) == (429, 0, RATE_LIMIT_S)
    assert comments(stage) == [SAID_LIMITED]
    assert re.search(r"rate limited for \d+ s more", presser.page())


def test_the_key_is_revoked_and_brought_back(presser: Presser, stage: Stage) -> None:
    key = stage.sim.account.keys[stage.sim.keys.full]
    assert presser.press("revoke-key").status_code == 200
    assert (key.revoked, comments(stage)) == (True, [SAID_REVOKED])
    page = presser.page()
    assert "the key is revoked" in page
    assert "Revoke the key" not in page
    assert presser.press("restore-key").status_code == 200
    assert key.revoked is False


def test_pagerduty_goes_down_and_comes_up(presser: Presser, stage: Stage) -> None:
    key = {"Authorization": f"Token token={stage.sim.keys.full}"}
    assert presser.press("down").status_code == 200
    assert httpx.get(f"{stage.sim_url}/abilities", headers=key).status_code == 503
    assert stage.parts.cases.get(stage.key).priority == "P1"
    assert presser.press("up-again").status_code == 200
    assert httpx.get(f"{stage.sim_url}/abilities", headers=key).status_code == 200
    presser.press("down")
    assert stage.parts.cases.get(stage.key).priority == "P2", "it is another one each time"


def test_a_webhook_is_forged_and_nothing_happens_in_pagerduty(presser: Presser, stage: Stage) -> None:
    stage.sim.people.subscribe("http://127.0.0.1:9/nobody")
    stage.sim.carriage.hold = True
    assert presser.press("bad-signature").status_code == 200
    (forged,) = stage.sim.courier.take()
    assert (forged.event_type, forged.is_forged) == ("incident.resolved", True)
    sealed = stage.sim.webhooks.seal(forged, datetime.now(UTC), wrongly=True)
    assert sealed["X-Webhook-Subscription"] not in stage.sim.account.subscriptions, "a stranger knows no name of ours"
    assert stage.sim.account.incidents[stage.incident].status == "triggered"


def test_one_webhook_is_sent_twice_and_the_next_one_once(presser: Presser, stage: Stage) -> None:
    stage.sim.people.subscribe("http://127.0.0.1:9/nobody")
    stage.sim.carriage.retry_s = (60.0,)
    assert presser.press("same-twice").status_code == 200
    assert notes(stage) == [SAID_TWICE]
    assert stage.sim.carriage.copies == 1
    assert stage.sim.courier._open == 2, "on their way"


def test_the_case_is_closed_and_then_somebody_acts_over_there(presser: Presser, stage: Stage) -> None:
    assert presser.press("close-then-act").status_code == 200
    assert stage.parts.cases.get(stage.key).status is Status.CLOSED
    assert stage.sim.account.incidents[stage.incident].status == "resolved"
    for mishap in ("close-then-act", "rate-limit", "revoke-key", "down"):
        again = presser.press(mishap)
        assert (again.status_code, said(again).partition(",")[0]) == (409, f"{stage.key} is closed"), mishap
    assert stage.sim.faults.standing() == []
    assert stage.sim.account.keys[stage.sim.keys.full].revoked is False


def test_an_incident_that_is_over_is_not_resolved_again(presser: Presser, stage: Stage) -> None:
    stage.sim.people.resolve(stage.incident, "Ben Osei")
    answer = presser.press("close-then-act")
    assert said(answer) == f"The incident of {stage.key} is resolved already; open a new case for this."
    assert stage.parts.cases.get(stage.key).status is Status.OPEN


def test_the_worker_is_killed_before_the_note_is_written(stage: Stage, door: Door) -> None:
    seen: list[list[str]] = []
    there = [True, False]

    def end_worker() -> bool:
        seen.append(notes(stage))
        return there.pop(0)

    assert stage.parts.demo is not None
    door.open(replace(stage.parts, demo=replace(stage.parts.demo, end_worker=end_worker)))
    presser = Presser(stage)
    with presser.http:
        assert presser.press("kill-worker").status_code == 200
        assert (seen, notes(stage)) == ([[]], [SAID_WITHOUT_WORKER])
        assert said(presser.press("kill-worker")).startswith("There is no worker just now")
    assert notes(stage) == [SAID_WITHOUT_WORKER]


def test_a_worker_that_nobody_would_bring_again_is_not_killed(presser: Presser, stage: Stage) -> None:
    answer = presser.press("kill-worker")
    assert (answer.status_code, said(answer).partition(",")[0]) == (409, "No worker was started by this demo")
    assert notes(stage) == []


def test_before_there_is_an_incident_nothing_goes_wrong_with_it(stage: Stage, presser: Presser) -> None:
    stage.parts.cases.set_status(stage.key, ANA, Status.ACKNOWLEDGED)
    with stage.parts.database.write() as tx:
        tx.exec_driver_sql("DELETE FROM links")
    for mishap in ("rate-limit", "bad-signature", "same-twice", "close-then-act", "kill-worker"):
        answer = presser.press(mishap)
        assert (answer.status_code, said(answer)) == (409, f"{stage.key} has no incident yet."), mishap


def test_what_nobody_knows_does_not_go_wrong(presser: Presser) -> None:
    answer = presser.press("meteor")
    assert (answer.status_code, said(answer)) == (409, "Nothing called 'meteor' can go wrong in the demo.")


def test_it_takes_more_than_working_on_cases(stage: Stage, presser: Presser) -> None:
    people.add(stage.parts.database, name="Dana Ruiz", role=Role.OPERATOR, password=PASSWORD, by="Ana Lima")
    presser.http.post("/login", data={"name": "Dana Ruiz", "token": PASSWORD})
    assert "It takes an admin to press anything here." in presser.page()
    assert "Revoke the key" not in presser.page()
    refused = presser.press("revoke-key")
    assert (refused.status_code, "too old" in refused.text) == (403, False), "for want of the right, not of a form"
    assert stage.sim.account.keys[stage.sim.keys.full].revoked is False
