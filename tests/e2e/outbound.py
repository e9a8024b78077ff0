"""From a case to PagerDuty, and the opening of its incident: each behaviour as a story."""

from __future__ import annotations

from collections.abc import Iterator

from tests.e2e.fleet import BUILTIN
from tests.e2e.peers import Json
from tests.e2e.scene import Scene, agree, story

ANA = "Ana Lima (case)"
_SLOW_OPENING: Json = {"methods": ["POST"], "path": "/incidents", "delay_s": 1.5}
_NOT_YET: Json = {"methods": ["POST"], "path": "/incidents", "status": 429, "retry_after_s": 3}


@story()
def one_case_opens_one_incident(scene: Scene) -> Iterator[None]:
    scene.open(priority="P2", body="Since the release of 14:05.")
    yield
    (incident,) = scene.people.titled(scene.title)
    assert incident["id"] == scene.incident
    assert incident["service"]["summary"] == "Checkout"
    assert scene.priority() == "P2"
    details = scene.writes("trigger")[0]["channel"]["details"]
    # The case desk's hook does not carry the body; the built-in cases' does.
    assert scene.case()["url"] in details
    assert not scene.is_builtin or "Since the release of 14:05." in details
    assert scene.case()["incident_url"] == incident["html_url"]
    assert len(scene.rows(change="open", outcome="applied")) == 1


@story(BUILTIN)
def clients_retry_pages_once(scene: Scene) -> Iterator[None]:
    asked = {"title": scene.title, "connector": "cases-plain", "by": "Ana Lima"}
    headers = {"Idempotency-Key": scene.title}
    answers = [scene.cases.http.post("/v1/cases", json=asked, headers=headers) for _ in range(3)]
    scene.key = answers[0].json()["key"]
    scene.until(lambda: scene.case()["incident_url"], "the case shows its incident")
    yield
    assert [it.status_code for it in answers] == [201, 200, 200]
    assert len(scene.people.titled(scene.title)) == 1


@story()
def case_acknowledged(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("acknowledge")
    scene.until_incident("acknowledged")
    yield
    agree(scene)
    (entry,) = scene.writes("acknowledge")
    assert entry["agent"]["summary"] == "syncd bot"
    (row,) = scene.rows(change="acknowledge", outcome="applied")
    assert (row["direction"], row["actor"], row["method"], row["http_status"]) == ("outbound", "Ana Lima", "PUT", 200)


@story()
def case_resolved_with_a_note(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("resolve", note="Bad release rolled back.")
    scene.until_incident("resolved")
    scene.until_noted("Resolution Note: Bad release rolled back.")
    yield
    agree(scene)
    (entry,) = scene.writes("resolve")
    assert "Bad release rolled back." in str(entry)
    assert scene.told() == []
    assert scene.case()["resolution_note"] == "Bad release rolled back."


@story()
def case_prioritised(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("priority", priority="P1")
    scene.until(lambda: scene.priority() == "P1", "the incident is P1")
    yield
    agree(scene)


@story()
def case_commented(scene: Scene) -> Iterator[None]:
    scene.open()
    for _ in range(2):
        scene.on_case("comments", text="Looking at the release.")
    said = [f"{ANA}: Looking at the release."] * 2
    scene.until_noted(*said)
    yield
    assert scene.notes() == said
    assert scene.told() == []


@story()
def resolution_note_set_on_the_case(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("resolution-note", text="A bad release.")
    scene.until_noted("Resolution Note: A bad release.")
    yield
    assert scene.notes() == ["Resolution Note: A bad release."]
    assert scene.told() == []


@story()
def case_reopened_is_one_note(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("resolve")
    scene.until_incident("resolved")
    scene.on_case("reopen")
    said = "Ana Lima reopened the case. The incident keeps its status."
    scene.until_noted(said)
    yield
    assert scene.notes() == [said]
    assert (scene.record()["status"], scene.case()["status"]) == ("resolved", "open")


@story()
def case_reopened_by_policy_reopens(scene: Scene) -> Iterator[None]:
    scene.open("other")
    scene.on_case("resolve")
    scene.until_incident("resolved")
    scene.on_case("reopen")
    scene.until_incident("triggered")
    yield
    agree(scene)
    assert scene.notes() == []


@story()
def close_leaves_the_incident_and_says_so(scene: Scene) -> Iterator[None]:
    """What came before is delivered first, in order; what comes after goes on flowing."""
    scene.open()
    scene.on_case("comments", text="One last thing.")
    scene.on_case("priority", priority="P2")
    scene.on_case("close")
    scene.until(lambda: len(scene.notes()) == 2, "both notes stand")
    scene.on_case("comments", text="After the end.")
    scene.until(lambda: len(scene.notes()) == 3, "the later comment has come")
    yield
    assert scene.notes() == [
        f"{ANA}: One last thing.",
        f"Ana Lima closed case {scene.key}. PagerDuty has no closed state: the incident stays open.",
        f"{ANA}: After the end.",
    ]
    assert (scene.record()["status"], scene.priority(), scene.case()["status"]) == ("triggered", "P2", "closed")


@story()
def close_after_resolve_needs_no_note(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("resolve")
    scene.until_incident("resolved")
    scene.on_case("close")
    scene.until_row(action="closing_note")
    yield
    assert scene.notes() == []
    (row,) = scene.rows(action="closing_note")
    assert (row["outcome"], row["reason"]) == ("suppressed", "not_needed")


@story()
def nobody_on_call_fails_the_link(scene: Scene) -> Iterator[None]:
    scene.send("nobody")
    scene.until(scene.told, "the case was told why")
    scene.on_case("comments", text="Is anybody there?")
    scene.until_row(change="comment", outcome="held", reason="link_failed")
    yield
    assert scene.people.titled(scene.title) == []
    (said,) = scene.told()
    assert said.startswith("PagerDuty did not open an incident for this case")
    (row,) = scene.rows(change="open", outcome="failed")
    assert row["reason"] == "nobody_on_call"


@story(fault=_SLOW_OPENING)
def hooks_that_overtake_our_own_opening(scene: Scene) -> Iterator[None]:
    """PagerDuty tells of the incident, and people act on it, before it answers us."""
    scene.send()
    scene.incident = scene.until(lambda: scene.people.titled(scene.title), "the incident stands")[0]["id"]
    scene.on_incident("acknowledge")
    scene.on_incident("note", text="On it.")
    scene.until(lambda: len(scene.rows_of_incident(reason="opening")) >= 2, "the hooks came before there was a link")
    scene.until_case(status="acknowledged")
    scene.until_told("Ben Osei (PagerDuty): On it.")
    yield
    agree(scene)
    assert len(scene.people.titled(scene.title)) == 1
    assert scene.told() == ["Ben Osei (PagerDuty): On it."]
    assert scene.rows_of_incident(reason="unlinked") == []


@story(fault=_NOT_YET)
def over_before_it_opened(scene: Scene) -> Iterator[None]:
    scene.send()
    scene.until_row(change="open", outcome="retrying", reason="rate_limited")
    scene.on_case("resolve", note="False alarm.")
    scene.until_row(change="open", outcome="ignored", reason="case_over")
    yield
    assert scene.people.titled(scene.title) == []
    assert scene.case()["status"] == "resolved"
