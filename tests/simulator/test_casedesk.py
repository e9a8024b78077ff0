"""The simulated case desk: its API, its hooks and its habits."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from syncd.clock import StoppedClock
from syncd.simulator import CaseDesk, Fault, serve, signing
from syncd.simulator.asked import Json
from syncd.simulator.casedesk import HOOK_SECRET
from tests.simulator.receiver import Receiver


def post(api: httpx.Client, path: str, **body: object) -> httpx.Response:
    return api.post(f"/v1/cases{path}", json=body)


@pytest.fixture
def case(desk_api: httpx.Client) -> str:
    made = post(desk_api, "", title="Checkout is slow", priority="P2", connector="oncall", by="Dana Cruz")
    assert made.status_code == 201
    key: str = made.json()["key"]
    return key


def test_it_tells_its_names_unless_it_is_an_older_one(desk: CaseDesk, desk_api: httpx.Client) -> None:
    told = desk_api.get("/v1/names").json()
    assert told == {
        "statuses": ["open", "acknowledged", "resolved", "closed"],
        "priorities": ["P1", "P2", "P3", "P4", "P5"],
    }
    desk.cases.priorities = ("high", "medium", "low")
    assert desk_api.get("/v1/names").json()["priorities"] == ["high", "medium", "low"]
    assert post(desk_api, "", title="Slow", by="Dana Cruz").json()["priority"] == "medium"
    assert post(desk_api, "", title="Slow", by="Dana Cruz", priority="P1").status_code == 400
    desk.switches.tells_names = False
    assert desk_api.get("/v1/names").status_code == 404


def test_a_life_of_a_case(desk_api: httpx.Client, case: str, clock: StoppedClock) -> None:
    clock.forward(1)
    assert post(desk_api, f"/{case}/acknowledge", by="Dana Cruz").json()["status"] == "acknowledged"
    assert post(desk_api, f"/{case}/priority", by="Dana Cruz", priority="P1").json()["priority"] == "P1"
    comment = post(desk_api, f"/{case}/comments", by="Eli Roth", text="Looking")
    assert (comment.status_code, comment.json()["author"]) == (201, "Eli Roth")
    post(desk_api, f"/{case}/incident-url", by="syncd", url="https://simulated.pagerduty.com/incidents/Q1")
    resolved = post(desk_api, f"/{case}/resolve", by="Eli Roth", note="Rolled back").json()
    assert (resolved["status"], resolved["resolution_note"]) == ("resolved", "Rolled back")
    post(desk_api, f"/{case}/resolution-note", by="Eli Roth", text="Rolled back to 1.4")
    assert post(desk_api, f"/{case}/reopen", by="Eli Roth").json()["status"] == "open"
    assert post(desk_api, f"/{case}/close", by="Eli Roth").json()["status"] == "closed"
    shown = desk_api.get(f"/v1/cases/{case}").json()
    assert (shown["version"], shown["resolution_note"]) == (9, "Rolled back to 1.4")
    assert shown["updated_at"] == "2026-03-01T12:00:01.123Z"
    assert shown["comments"] == [comment.json()]
    assert [line["what"] for line in shown["timeline"]] == [
        "opened",
        "acknowledged",
        "priority_changed",
        "commented",
        "linked",
        "resolved",
        "resolution_noted",
        "reopened",
        "closed",
    ]
    assert shown["incident_url"] == "https://simulated.pagerduty.com/incidents/Q1"


def test_nothing_new_is_no_change(desk_api: httpx.Client, case: str) -> None:
    for _ in range(2):
        assert post(desk_api, f"/{case}/acknowledge").json()["version"] == 2
    assert post(desk_api, f"/{case}/priority", priority="P2").json()["version"] == 2


def test_a_closed_case_takes_comments_only(desk_api: httpx.Client, case: str) -> None:
    post(desk_api, f"/{case}/close")
    for verb, body in (("acknowledge", {}), ("resolve", {}), ("reopen", {}), ("priority", {"priority": "P1"})):
        assert post(desk_api, f"/{case}/{verb}", **body).status_code == 409, verb
    assert post(desk_api, f"/{case}/comments", text="For the record").status_code == 201


def test_refusals_may_be_silent_and_closed_cases_may_reopen(desk: CaseDesk, desk_api: httpx.Client, case: str) -> None:
    post(desk_api, f"/{case}/close")
    desk.switches.silent_refusal = True
    silent = post(desk_api, f"/{case}/acknowledge")
    assert (silent.status_code, silent.json()["status"], silent.json()["version"]) == (200, "closed", 2)
    desk.switches.reopens_closed = True
    assert post(desk_api, f"/{case}/reopen").json()["status"] == "open"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {}, 400),
        ("", {"title": "A", "priority": "P6"}, 400),
        ("/CASE-1/comments", {"text": " "}, 400),
        ("/CASE-1/priority", {"priority": "high"}, 400),
        ("/CASE-9/comments", {"text": "A"}, 404),
        ("/CASE-1/dance", {}, 404),
    ],
    ids=["no title", "unknown priority", "empty comment", "wrong priority", "no such case", "no such act"],
)
def test_wrong_requests(desk_api: httpx.Client, case: str, path: str, body: Json, status: int) -> None:
    answer = post(desk_api, path, **body)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_the_token_is_needed(desk: CaseDesk, desk_api: httpx.Client, case: str) -> None:
    assert (
        desk_api.get(f"/v1/cases/{case}", headers={b"Authorization": "Bearer é".encode("latin-1")}).status_code == 401
    )
    desk.switches.token_revoked = True
    assert desk_api.get(f"/v1/cases/{case}").status_code == 401


def test_a_repeated_comment_doubles_unless_the_desk_knows_its_key(
    desk: CaseDesk, desk_api: httpx.Client, case: str
) -> None:
    def comment() -> Json:
        value: Json = desk_api.post(
            f"/v1/cases/{case}/comments", json={"text": "Once"}, headers={"Idempotency-Key": "errand-1"}
        ).json()
        return value

    assert comment()["id"] != comment()["id"]
    desk.switches.idempotent = True
    assert comment() == comment()
    assert len(desk.cases.find(case).comments) == 3


def test_a_comment_may_be_saved_and_answered_500(desk: CaseDesk, desk_api: httpx.Client, case: str) -> None:
    desk.faults.lay(Fault(status=500, applied=True, path="*/comments"))
    assert post(desk_api, f"/{case}/comments", text="Saved").status_code == 500
    assert [c.text for c in desk.cases.find(case).comments] == ["Saved"]
    assert [(r.target, r.status, r.applied) for r in desk.journal.requests][-1] == (
        f"/v1/cases/{case}/comments",
        500,
        True,
    )


def test_a_write_may_land_late(desk: CaseDesk, desk_api: httpx.Client, case: str, clock: StoppedClock) -> None:
    desk.faults.lay(Fault(status=504, apply_after_s=30))
    assert post(desk_api, f"/{case}/comments", text="Late").status_code == 504
    clock.forward(29)
    assert desk_api.get(f"/v1/cases/{case}").json()["comments"] == []
    clock.forward(1)
    assert len(desk_api.get(f"/v1/cases/{case}").json()["comments"]) == 1


def test_changes_can_be_followed_by_cursor(desk: CaseDesk, desk_api: httpx.Client, case: str) -> None:
    for number in range(120):
        desk.cases.open(f"Case {number}", "Dana Cruz")
    desk.cases.acknowledge(case, "Dana Cruz")

    def keys(cursor: str) -> tuple[list[str], str, bool]:
        answer = desk_api.get("/v1/cases", params={"changed_since": cursor}).json()
        return [it["key"] for it in answer["cases"]], answer["cursor"], answer["more"]

    first, cursor, more = keys("0")
    second, last, no_more = keys(cursor)
    assert (len(first), more, len(second), no_more) == (100, True, 21, False)
    assert second[-1] == case
    assert len({*first, *second}) == 121
    assert keys(last) == ([], last, False)
    desk.cases.comment("CASE-5", "Eli Roth", "Here")
    assert keys(last)[0] == ["CASE-5"]
    assert desk_api.get("/v1/cases?changed_since=yesterday").status_code == 400


def verified(headers: dict[str, str], body: bytes, secret: str = HOOK_SECRET) -> Json:
    value: Json = Webhook(secret).verify(body.decode(), headers)
    return value


def test_hooks_are_signed_by_the_standard(receiver: Receiver) -> None:
    # The published verifier reads the machine's clock, so this desk runs on it too.
    with CaseDesk(hook_url=receiver.url) as desk:
        made = desk.cases.open("Checkout is slow", "Dana Cruz", priority="P2", connector="oncall")
        (got,) = receiver.wait_for(1)
    hook = verified(got.headers, got.body)
    assert hook["type"] == "case.opened"
    assert hook["data"] == {
        "case": {
            "key": made.key,
            "title": "Checkout is slow",
            "status": "open",
            "priority": "P2",
            "resolution_note": None,
            "url": made.url,
            "version": 1,
            "updated_at": hook["timestamp"],
        },
        "by": "Dana Cruz",
        "connector": "oncall",
    }
    with pytest.raises(WebhookVerificationError):
        verified(got.headers, got.body, "whsec_" + "A" * 32)
    with pytest.raises(WebhookVerificationError):
        verified(got.headers, got.body.replace(b"P2", b"P1"))


def test_our_signer_agrees_with_the_published_one() -> None:
    at, body = datetime(2026, 3, 1, 12, tzinfo=UTC), '{"type":"case.opened"}'
    ours = signing.standard(HOOK_SECRET, "msg_1", int(at.timestamp()), body.encode())
    assert ours == Webhook(HOOK_SECRET).sign("msg_1", at, body)


def test_every_change_has_its_hook(desk: CaseDesk, receiver: Receiver) -> None:
    key, by = desk.cases.open("Checkout is slow", "Dana Cruz").key, "Dana Cruz"
    desk.cases.acknowledge(key, by)
    desk.cases.set_priority(key, by, "P1")
    desk.cases.comment(key, by, "Looking")
    desk.cases.set_incident_url(key, by, "https://simulated.pagerduty.com/incidents/Q1")
    desk.cases.resolve(key, by, "Rolled back")
    desk.cases.set_resolution_note(key, by, "Rolled back to 1.4")
    desk.cases.reopen(key, by)
    desk.cases.close(key, by)
    hooks = [got.hook for got in receiver.wait_for(8)]
    assert [hook["type"] for hook in hooks] == [
        "case.opened",
        "case.acknowledged",
        "case.priority_changed",
        "case.commented",
        "case.resolved",
        "case.resolution_noted",
        "case.reopened",
        "case.closed",
    ]
    assert [hook["data"]["case"]["version"] for hook in hooks] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert hooks[3]["data"]["comment"] == {"id": "c1", "text": "Looking", "author": "Dana Cruz"}
    assert all("comment" not in hook["data"] for hook in hooks if hook["type"] != "case.commented")


def test_hooks_may_be_thin(desk: CaseDesk, receiver: Receiver) -> None:
    desk.switches.thin_hooks = True
    key = desk.cases.open("Checkout is slow", "Dana Cruz").key
    desk.cases.set_incident_url(key, "syncd", "https://simulated.pagerduty.com/incidents/Q1")
    one, two = receiver.wait_for(2)
    assert one.hook == two.hook == {"type": "case.changed", "data": {"case": {"key": key}}}
    assert one.headers["webhook-id"] != two.headers["webhook-id"]


def test_hooks_are_retried_repeated_and_signed_wrongly(desk: CaseDesk, receiver: Receiver) -> None:
    desk.carriage.copies, desk.carriage.sign_wrongly_next = 2, 1
    receiver.answers.append(500)
    desk.cases.open("Checkout is slow", "Dana Cruz")
    got = receiver.wait_for(3)
    assert len({each.headers["webhook-id"] for each in got}) == 1
    signatures = [each.headers["webhook-signature"] for each in got]
    assert signatures[0] != signatures[1] == signatures[2]


def test_several_secrets_sign(desk: CaseDesk, receiver: Receiver) -> None:
    desk.hooks.secrets = [HOOK_SECRET, "whsec_" + "B" * 32]
    desk.cases.open("Checkout is slow", "Dana Cruz")
    signatures = receiver.wait_for(1)[0].headers["webhook-signature"].split(" ")
    assert len(set(signatures)) == 2
    assert all(signature.startswith("v1,") for signature in signatures)


def test_the_desk_is_controlled_over_http(desk: CaseDesk, receiver: Receiver) -> None:
    with serve(desk.app) as base, httpx.Client(base_url=base, trust_env=False) as control:
        control.put("/_sim/hook", json={"url": None})
        desk.cases.open("Untold", "Dana Cruz")
        control.put("/_sim/hook", json={"url": receiver.url, "secrets": [HOOK_SECRET]})
        control.patch("/_sim/switches", json={"thin_hooks": True, "copies": 2})
        key = desk.cases.open("Told twice", "Dana Cruz").key
        assert {json.dumps(got.hook) for got in receiver.wait_for(2)} == {
            json.dumps({"type": "case.changed", "data": {"case": {"key": key}}})
        }
        headers = {"Authorization": f"Bearer {desk.token}"}
        control.post("/_sim/faults", json={"status": 503})
        assert control.get(f"/v1/cases/{key}", headers=headers).status_code == 503
        assert control.get(f"/v1/cases/{key}", headers=headers).json()["key"] == key
        assert [r["status"] for r in control.get("/_sim/requests").json()["requests"]] == [503, 200]
        assert [c["key"] for c in control.get("/_sim/state").json()["cases"]] == ["CASE-1", "CASE-2"]
