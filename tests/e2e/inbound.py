"""From PagerDuty to a case: each behaviour as a story. What stands after a `yield` is asked once nothing moves any more."""

from __future__ import annotations

from collections.abc import Iterator

from tests.e2e.fleet import BUILTIN, UNKNOWN_EVENT
from tests.e2e.scene import Scene, agree, story

BEN = "Ben Osei (PagerDuty)"
_TRIMMED_AT = 10_000  # characters of a note that travel in a webhook


@story()
def incident_acknowledged(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("acknowledge")
    scene.until_case(status="acknowledged")
    yield
    agree(scene)
    (row,) = scene.rows(change="acknowledge", outcome="applied")
    assert (row["direction"], row["actor"], row["attempt"]) == ("inbound", "Ben Osei", 1)
    assert len(scene.writes("acknowledge")) == 1  # It did not come back as an echo.


@story(BUILTIN)
def timeline_says_where_from(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("acknowledge", by="Chidi Park")
    scene.until_case(status="acknowledged")
    yield
    (line,) = scene.changes("acknowledge")
    assert (line["by"], line["via"]) == ("Chidi Park", "PagerDuty")


@story()
def incident_resolved(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("resolve")
    scene.until_case(status="resolved")
    yield
    agree(scene)
    assert (scene.told(), scene.notes()) == ([], [])
    assert len(scene.writes("resolve")) == 1


@story()
def incident_unacknowledged(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("acknowledge")
    scene.until_case(status="acknowledged")
    scene.on_incident("unacknowledge")
    if scene.is_builtin:
        scene.until_case(status="open")
        yield
        agree(scene)
    else:  # The desk knows no way back, so the case is told.
        scene.until_told(f"{BEN} un-acknowledged the incident. The case cannot follow that.")
        yield
        assert scene.case()["status"] == "acknowledged"


@story()
def unacknowledged_and_ignored_by_policy(scene: Scene) -> Iterator[None]:
    scene.open("other")
    scene.on_incident("acknowledge")
    scene.until_case(status="acknowledged")
    scene.on_incident("unacknowledge")
    scene.until_row(change="unacknowledge", outcome="ignored", reason="by_policy")
    yield
    assert scene.case()["status"] == "acknowledged"
    assert scene.told() == []


@story()
def incident_prioritised(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("priority", priority="P1")
    scene.until_case(priority="P1")
    yield
    agree(scene)
    assert len(scene.rows(change="priority", outcome="applied")) == 1


@story()
def incident_noted(scene: Scene) -> Iterator[None]:
    """Two people may write the same words."""
    scene.open()
    for _ in range(2):
        scene.on_incident("note", text="Error rate is falling.")
    scene.on_incident("note", text="Back to normal.", by="Chidi Park")
    said = [f"{BEN}: Error rate is falling."] * 2 + ["Chidi Park (PagerDuty): Back to normal."]
    scene.until_told(*said)
    yield
    assert scene.told() == said
    assert len(scene.notes()) == 3
    assert len(scene.rows(change="comment", outcome="applied")) == 3


@story()
def long_note_is_fetched_whole(scene: Scene) -> Iterator[None]:
    text = "".join(f"{number:07d} " for number in range(_TRIMMED_AT // 8 + 500)).strip()
    scene.open()
    scene.on_incident("note", text=text)
    scene.until_told(f"{BEN}: {text}")
    yield
    assert scene.told() == [f"{BEN}: {text}"]


@story()
def resolution_note_after_the_resolve(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("resolve", resolution_note="Rolled back.")
    scene.until_case(status="resolved", resolution_note="Rolled back.")
    yield
    assert scene.told() == []
    assert scene.notes() == ["Resolution Note: Rolled back."]


@story()
def resolution_note_before_the_resolve(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("note", text="Resolution Note: Rolled back.")
    scene.on_incident("resolve")
    scene.until_case(status="resolved", resolution_note="Rolled back.")
    yield
    assert scene.told() == []
    assert scene.notes() == ["Resolution Note: Rolled back."]


@story()
def incident_reopened(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("resolve")
    scene.until_case(status="resolved")
    scene.on_incident("reopen")
    scene.until_case(status="open")
    yield
    agree(scene)


@story()
def merge_is_not_a_resolve(scene: Scene) -> Iterator[None]:
    scene.open()
    other = scene.people.open(f"{scene.title}: the other one")
    scene.on_incident("merge", into=other)
    scene.until(lambda: len(scene.told()) == 1, "the case was told of the merge")
    scene.until_row(change="merge", outcome="ignored", reason="merged")
    yield
    assert scene.record()["status"] == "resolved"
    assert scene.case()["status"] == "open"
    (said,) = scene.told()
    assert said == f"{BEN} merged the incident into {other}. That is not a resolve: the case keeps its status."


@story()
def after_the_case_closed_only_comments(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_case("close")
    scene.until(scene.notes, "the closing note stands")
    scene.on_incident("note", text="Who closed this?")
    scene.on_incident("acknowledge")
    scene.on_incident("priority", priority="P1")
    scene.on_incident("resolve")
    scene.until(lambda: len(scene.told()) == 4, "all four were told to the case")
    yield
    case = scene.case()
    assert (case["status"], case["priority"]) == ("closed", "P3")
    assert scene.told() == [
        f"{BEN}: Who closed this?",
        f"{BEN} acknowledged the incident. The case is closed, so its status stays.",
        f"{BEN} set the incident's priority to P1. The case is closed, so its priority stays.",
        f"{BEN} resolved the incident. The case is closed, so its status stays.",
    ]


@story(BUILTIN)
def unlinked_incident_is_left_alone(scene: Scene) -> Iterator[None]:
    scene.incident = scene.people.open(scene.title)
    scene.on_incident("acknowledge")
    scene.on_incident("resolve")
    scene.until(
        lambda: len(scene.rows_of_incident(outcome="ignored", reason="unlinked")) >= 3, "three rows say unlinked"
    )
    yield
    assert all(row["case_id"] == "" for row in scene.rows_of_incident())
    hooks = [it for it in scene.fleet.pagerduty_peer.hooks() if it["resource"] == scene.incident]
    assert {it["status"] for it in hooks} <= {200, 204}
    assert scene.notes() == []


@story(BUILTIN)
def unknown_event_is_taken_and_recorded(scene: Scene) -> Iterator[None]:
    scene.open()
    scene.on_incident("event", event_type=UNKNOWN_EVENT)
    row = scene.until(
        lambda: [it for it in scene.rows_of_incident(reason="unknown_type") if it["change"] == UNKNOWN_EVENT],
        "a row names the unknown event",
    )[0]
    yield
    assert row["outcome"] == "ignored"
    (hook, *_) = [it for it in scene.fleet.pagerduty_peer.hooks() if it["event_type"] == UNKNOWN_EVENT]
    assert hook["status"] in {200, 204}
