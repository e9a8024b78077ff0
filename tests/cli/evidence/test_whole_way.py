"""From an account to a verified proof, by the commands that people type."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from syncd.simulator import Simulator
from tests.cli.conftest import Syncd
from tests.evidence.bundle.sealed import contents


@pytest.mark.usefixtures("giving")
def test_collected_judged_accepted_bundled_verified_and_compared(
    syncd: Syncd, pagerduty: Simulator, home: Path
) -> None:
    assert syncd("evidence", "collect").code == 0
    before = {one["check"]: one["result"] for one in syncd("evidence", "report").json["controls"]}
    assert before["SVC-01"] == "unknown"  # Nobody has chosen which services are critical.
    assert before["EP-01"] == "pass"
    (home / "syncd.toml").write_text('[evidence.critical]\nnames = ["*"]\n')
    assert syncd("evidence", "report", "--keep").code == 0
    found = syncd("evidence", "report", "--check", "SVC-05", "-o", "json").json
    subjects = [one["subject"] for one in found]
    assert subjects == sorted(pagerduty.account.services)
    table = syncd("evidence", "report", "--check", "svc-05", "-o", "table").out
    assert table.startswith("SUBJECT")
    assert "Set both timeouts of the service" in table
    for subject in subjects:
        given = syncd(
            "evidence", "accept", "SVC-05", subject, "--until", "2040-01-01", "--why", "legacy", "--by", "Ana"
        )
        assert "it is accepted beforehand" not in given.err  # The account was judged once it had been collected from.
    made = syncd("evidence", "bundle", "-O", "acme.zip").json
    assert syncd("evidence", "verify", "acme.zip", "--fingerprint", made["fingerprint"]).code == 0
    rows = csv.DictReader(io.StringIO(contents(home / "acme.zip")["rows/controls.csv"].decode()))
    assert {one["check"]: one["result"] for one in rows}["SVC-05"] == "accepted"
    changes = syncd("evidence", "diff", "1", "2").json
    assert {(one["what"], one["check"]) for one in changes} == {("result", "SVC-05"), ("state", "SVC-05")}
    report = json.loads(contents(home / "acme.zip")["report.json"])
    assert {one["dataset"] for one in report["datasets"] if one["state"] == "on_time"} >= {
        "services",
        "users",
        "incidents",
    }
    strip = next(one["days"] for one in report["controls"] if one["check"] == "EP-01")
    assert strip[-1]["result"] == "pass"
