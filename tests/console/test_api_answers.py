"""/v1/evidence over an account that was really collected: the same answers as the report's, and what people do about them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.evidence.bundle.signing import public_in
from syncd.evidence.bundle.verifying import Trusted, verify
from syncd.evidence.report.plain import canonical
from syncd.store import actions
from syncd.store.actions import Asked
from tests.console.access import add_account, asking, bearing, token
from tests.console.conftest import TOKEN, Door

ON = "/v1/evidence/acme"


@pytest.fixture
def api(collected: Parts, door: Door) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door.open(collected), headers=bearing(TOKEN), trust_env=False, timeout=60) as client:
        yield client


def test_a_report_is_the_one_that_the_command_gives(api: httpx.Client, collected: Parts) -> None:
    given = api.get(ON).json()
    made = collected.desk().report("acme", "30d", given["asked_by"])
    assert canonical(given) == canonical(made)
    assert given["counts"]["fail"] > 10
    week = api.get(f"{ON}?period=7d").json()
    assert (week["window"]["start"], week["window"]["end"]) == ("2026-02-22T12:03:07Z", "2026-03-01T12:03:07Z")


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("?period=never", 422, "period never is no time"),
        ("?period=2030-01-01..2030-02-01", 422, "has not begun yet"),
        ("?snapshot=7", 404, "acme has no snapshot 7"),
        ("?snapshot=7&period=30d", 422, "leave period out, or snapshot"),
        ("/findings/SVC-01?snapshot=7&period=7d", 422, "leave period out, or snapshot"),
        ("/findings/SVC-99", 422, "SVC-99 is no check"),
        ("/findings/SVC-01?after=nonsense", 422, "no place in this list"),
        ("/diff?a=7", 404, "acme has no snapshot 7"),
    ],
)
def test_what_is_none_is_refused_with_what_helps(api: httpx.Client, address: str, status: int, says: str) -> None:
    answer = api.get(f"{ON}{address}")
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text


def test_an_account_that_is_not_there_is_none(api: httpx.Client) -> None:
    assert api.get("/v1/evidence/nobody").status_code == 404
    assert api.get("/v1/evidence/cases").status_code == 404


def test_findings_are_paged_and_none_is_missing_or_twice(api: httpx.Client, collected: Parts) -> None:
    whole = [one for one in api.get(ON).json()["exceptions"] if one["check"] == "INC-04"]
    assert len(whole) > 40
    found, after = [], ""
    while True:
        page = api.get(f"{ON}/findings/inc-04", params={"limit": 7, "after": after}).json()
        assert page["control"]["check"] == "INC-04"
        found += page["findings"]
        after = page["next"]
        if after is None:
            break
    assert sorted(one["subject"] for one in found) == sorted(one["subject"] for one in whole)
    assert list(collected.shelf.kept) == [("acme", "30d")], "all pages are of one answer"


def test_how_fresh_it_is(api: httpx.Client) -> None:
    found = api.get(f"{ON}/status").json()
    by_name = {one["dataset"]: one for one in found["datasets"]}
    assert (by_name["services"]["state"], by_name["incidents"]["state"]) == ("on_time", "on_time")
    assert by_name["services"]["requests"] > 0


def test_collecting_is_asked_for_once_and_told_how_to_follow(api: httpx.Client) -> None:
    asked = api.post(f"{ON}/collect", json={"datasets": ["services", "incidents"], "by": "Ana"})
    assert asked.status_code == 202
    first = asked.json()
    assert [one["dataset"] for one in first["collections"]] == ["services", "incidents"]
    assert "`syncd evidence status acme`" in first["says"]
    again = api.post(f"{ON}/collect", json={"datasets": ["services"], "by": "Ben"}).json()
    assert again["collections"][0]["id"] == first["collections"][0]["id"], "what is under way is joined"
    back = api.post(f"{ON}/collect", json={"since": "2025-12-01T00:00:00Z", "datasets": ["audit_records"], "by": "Ana"})
    assert back.json()["collections"][0]["since"] == "2025-12-01T00:00:00.000000+00:00"
    strange = api.post(f"{ON}/collect", json={"datasets": ["cases"], "by": "Ana"})
    assert (strange.status_code, "cases are not collected" in strange.json()["detail"]) == (422, True)


def test_an_account_that_is_switched_off_is_not_collected_from(api: httpx.Client, collected: Parts) -> None:
    add_account(collected.database, "quiet")
    refused = api.post("/v1/evidence/quiet/collect", json={"by": "Ana"})
    assert (refused.status_code, "--evidence on" in refused.json()["detail"]) == (409, True)
    assert [one["name"] for one in api.get("/v1/evidence").json()["accounts"]] == ["acme"]


def test_a_finding_is_accepted_for_a_time_and_counts_again_when_that_is_taken_back(api: httpx.Client) -> None:
    subject = api.get(f"{ON}/findings/SVC-05").json()["findings"][0]["subject"]
    fields = {"check": "svc-05", "subject": subject, "until": "2026-12-31", "why": "It is being replaced.", "by": "Ana"}
    given = api.post(f"{ON}/accept", json=fields)
    assert given.status_code == 201
    one = given.json()
    assert (one["check"], one["state"], one["until"], one["is_found"]) == (
        "SVC-05", "standing", "2027-01-01T00:00:00.000000+00:00", True,
    )  # fmt: skip
    told = {each["subject"]: each for each in api.get(f"{ON}/findings/SVC-05").json()["findings"]}[subject]
    assert (told["state"], told["accepted_by"], told["accepted_why"]) == ("accepted", "Ana", "It is being replaced.")
    gone = api.post(f"{ON}/withdraw", json={"acceptance": one["id"], "by": "Ben"}).json()
    assert (gone["state"], gone["withdrawn_by"]) == ("withdrawn", "Ben")
    assert api.get(f"{ON}/findings/SVC-05").json()["findings"][0]["state"] == "open"
    (kept,) = api.get(f"{ON}/acceptances").json()["acceptances"]
    assert (kept["id"], kept["state"]) == (one["id"], "withdrawn")
    assert api.post(f"{ON}/withdraw", json={"acceptance": one["id"], "by": "Ben"}).status_code == 409


def test_an_acceptance_is_done_once_with_an_idempotency_key(api: httpx.Client) -> None:
    fields = {"check": "SVC-05", "until": "2026-12-31", "why": "It is old.", "by": "Ana"}
    key = {"Idempotency-Key": "one"}
    first, again = (api.post(f"{ON}/accept", json=fields, headers=key) for _ in range(2))
    assert (first.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    assert len(api.get(f"{ON}/acceptances").json()["acceptances"]) == 1


def test_an_acceptance_of_another_account_is_none_of_this_one(api: httpx.Client, collected: Parts) -> None:
    add_account(collected.database, "quiet")
    fields = {"check": "SVC-05", "until": "2026-12-31", "why": "It is old.", "by": "Ana"}
    number = api.post(f"{ON}/accept", json=fields).json()["id"]
    refused = api.post("/v1/evidence/quiet/withdraw", json={"acceptance": number, "by": "Eve"})
    assert (refused.status_code, refused.json()["detail"][:27]) == (404, "quiet has no acceptance 1; ")


def test_a_bundle_is_sent_as_a_file_that_verifies_and_stays_as_a_snapshot(
    api: httpx.Client, collected: Parts, tmp_path: Path
) -> None:
    answer = api.post(f"{ON}/bundle", json={"period": "7d", "by": "Ana"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["X-Syncd-Sha256"] == hashlib.sha256(answer.content).hexdigest()
    file = tmp_path / "bundle.zip"
    file.write_bytes(answer.content)
    (key,) = api.get("/v1/evidence/key").json()["keys"]
    (tmp_path / "key.pem").write_text(key["public_key"])
    assert verify(file, Trusted((public_in(tmp_path / "key.pem"),))).is_good
    (kept,) = api.get(f"{ON}/snapshots").json()["snapshots"]
    assert (kept["number"], kept["fingerprint"], kept["asked_by"]) == (1, answer.headers["X-Syncd-Fingerprint"], "Ana")
    given = zipfile.ZipFile(io.BytesIO(answer.content)).read("report.json")
    assert canonical(api.get(f"{ON}?snapshot=1").json()) == given
    with collected.database.read() as tx:
        assert [one.act for one in actions.listing(tx, Asked())] == ["POST /v1/evidence/{slug}/bundle"]
    refused = api.post(f"{ON}/bundle", json={"by": "Ana"}, headers={"Idempotency-Key": "one"})
    assert (refused.status_code, "made anew each time" in refused.json()["detail"]) == (422, True)


def test_two_answers_are_compared(api: httpx.Client) -> None:
    api.post(f"{ON}/bundle", json={"by": "Ana"})
    assert api.get(f"{ON}/diff?a=1").json() == {"changes": []}
    subject = api.get(f"{ON}/findings/SVC-05").json()["findings"][0]["subject"]
    api.post(f"{ON}/accept", json={"check": "SVC-05", "subject": subject, "until": "2026-12-31", "why": "x", "by": "A"})
    (change,) = api.get(f"{ON}/diff?a=1").json()["changes"]
    assert (change["what"], change["subject"], change["before"], change["after"]) == (
        "state",
        subject,
        "open",
        "accepted",
    )
    api.post(f"{ON}/bundle", json={"by": "Ana", "pseudonyms": True})
    assert api.get(f"{ON}/diff?a=1&b=2").status_code == 200


@pytest.mark.anyio
async def test_an_auditor_takes_bundles_along_and_changes_nothing(collected: Parts) -> None:
    given = bearing(token(collected.database, Role.AUDITOR))
    async with asking(collected) as client:
        report = await client.get(ON, headers=given)
        bundle = await client.post(f"{ON}/bundle", headers=given, json={})
        refused = [
            await client.post(f"{ON}/{act}", headers=given, json={}) for act in ("collect", "accept", "withdraw")
        ]
        cases = await client.get("/v1/cases", headers=given)
    assert (report.json()["asked_by"], bundle.status_code) == ("a auditor", 200)
    assert {one.status_code for one in (*refused, cases)} == {403}


@pytest.mark.anyio
async def test_a_token_of_another_account_sees_nothing_of_it(collected: Parts) -> None:
    add_account(collected.database, "other")
    given = bearing(token(collected.database, Role.ADMIN, scope=["other"]))
    async with asking(collected) as client:
        report = await client.get(ON, headers=given)
        listed = await client.get("/v1/evidence", headers=given)
    assert (report.status_code, report.json()["code"]) == (403, "SYN-API-SCOPE")
    assert listed.json() == {"accounts": []}
