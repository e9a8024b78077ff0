"""`syncd links ...`, `syncd deliveries ...` and `syncd config ...`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.core.reasons import Outcome, Reason
from syncd.store import deliveries
from syncd.store.database import Database
from syncd.store.deliveries import Delivery

from .conftest import Syncd

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def rows(store: Database, link: int) -> None:
    with store.write() as tx:
        first = Delivery(
            recorded_at=NOON,
            direction="inbound",
            change="acknowledge",
            outcome=Outcome.APPLIED,
            reason=Reason.CHANGED,
            case_id="CS-1",
            link_id=link,
        )
        echo = replace(first, outcome=Outcome.SUPPRESSED, reason=Reason.ECHO)
        deliveries.record_many(
            tx,
            [
                replace(first, detail="It was made on the other side."),
                replace(echo, detail="This is our own change coming back."),
            ],
        )


@pytest.mark.usefixtures("rows")
def test_links(syncd: Syncd) -> None:
    (link,) = syncd("links", "list").json
    assert (link["id"], link["case_id"], link["incident_id"], link["state"]) == (1, "CS-1", "Q1", "open")
    for reference in ("1", "CS-1", "Q1"):
        assert syncd("links", "show", reference).json == link
    assert syncd("links", "list", "--case", "CS-2").json == []
    for reference in ("CS-9", "9" * 30, "²"):
        missing = syncd("links", "show", reference)
        assert (missing.code, missing.out) == (4, "")
    assert syncd("links", "list", "-o", "table").out.splitlines()[0].startswith("ID  CASE_ID  INCIDENT_ID")


@pytest.mark.usefixtures("rows")
def test_deliveries(syncd: Syncd) -> None:
    assert [row["id"] for row in syncd("deliveries", "list").json] == [2, 1]
    assert [row["id"] for row in syncd("deliveries", "list", "--outcome", "applied").json] == [1]
    assert [row["id"] for row in syncd("deliveries", "list", "--case", "CS-1", "--before", "2").json] == [1]
    shown = syncd("deliveries", "show", "1").json
    assert (shown["id"], shown["reason"]) == (1, "changed")
    assert syncd("deliveries", "show", "99").code == 4
    assert syncd("deliveries", "list", "--direction", "up").code == 2
    table = syncd("deliveries", "list", "-o", "table").out.splitlines()
    assert table[1].split()[0] == "2", "the id comes first, so that cut finds it"
    assert (table[0].split()[-1], table[1].endswith("This is our own change coming back.")) == ("DETAIL", True)
    assert "other side" not in table[2], "of what was done nobody has to be told why"
    assert [row["id"] for row in syncd("deliveries", "list", "--reason", "echo").json] == [2]
    wrong = syncd("deliveries", "list", "--reason", "because")
    assert (wrong.code, "reason" in wrong.err) == (2, True)


def test_config_says_what_holds_and_where_it_came_from(
    syncd: Syncd, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "syncd.toml").write_text('http_port = 9000\napi_token = "very-secret"\n')
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    shown = syncd("config", "show")
    rows = {row["setting"]: row for row in shown.json}
    assert (rows["http_port"]["value"], rows["http_port"]["origin"]) == ("9000", "syncd.toml")
    assert (rows["public_url"]["value"], rows["public_url"]["origin"]) == ("https://syncd.test", "SYNCD_PUBLIC_URL")
    assert "very-secret" not in shown.out
    assert syncd("config", "check").out.endswith("The settings are in order.\n")


def test_a_mistake_in_the_settings_is_told_with_a_guess(syncd: Syncd, home: Path) -> None:
    (home / "syncd.toml").write_text('databse_url = "sqlite:///x"\n')
    for words in (("config", "check"), ("config", "show"), ("cases", "list")):
        ended = syncd(*words)
        assert (ended.code, ended.out) == (2, "")
        assert "did you mean database_url?" in ended.err


def test_a_database_without_a_schema_says_what_to_run(
    syncd: Syncd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.db").touch()
    monkeypatch.setenv("SYNCD_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    ended = syncd("cases", "list")
    assert (ended.code, ended.err) == (2, "syncd: The database has no schema yet; run `syncd db upgrade`.\n")
