"""`syncd evidence collect` and `status`, from the outside."""

from __future__ import annotations

import json

import pytest

from syncd.simulator import KEYS, Fault, Simulator
from syncd.store import probes
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Ended, Syncd
from tests.parts.terms import FLAGS

_DATASETS = 11


@pytest.fixture
def watched(syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """An account that is only read, for evidence."""
    monkeypatch.setenv(SECRET, KEYS.read_only)
    where = ("--where", pagerduty.account.api_url)
    assert syncd("integrations", "add", "acme", *where, *FLAGS, "--read-only", "--evidence").code == 0
    monkeypatch.delenv(SECRET)
    syncd("doctor", "acme")  # What the key may see is asked once, and not by each collecting.
    pagerduty.journal.clear()
    return pagerduty


def _status(syncd: Syncd) -> dict[str, dict[str, object]]:
    return {one["dataset"]: one for one in syncd("evidence", "status", "-o", "json").json}


def test_everything_is_collected_and_each_dataset_told(syncd: Syncd, watched: Simulator) -> None:
    ended = syncd("evidence", "collect", "acme", "--by", "Ana", "-o", "json")
    assert ended.code == 0
    assert {one["state"] for one in ended.json} == {"done"}
    assert len(ended.json) == _DATASETS
    assert sum(one["requests"] for one in ended.json) == len(watched.journal.requests)
    assert {one["missing"] for one in ended.json} == {""}
    found = _status(syncd)
    assert found["users"]["state"] == "on_time"
    assert found["coverage"]["collected_at"] == found["schedules"]["collected_at"]
    newest = syncd("actions", "list", "--limit", "1").json[0]
    assert newest["act"] == "syncd evidence collect"


def test_the_account_may_be_left_out_where_there_is_one(syncd: Syncd, watched: Simulator) -> None:
    ended = syncd("evidence", "collect", "--dataset", "users", "--dataset", "TEAMS", "-o", "json")
    assert [(one["dataset"], one["requests"]) for one in ended.json] == [("users", 7), ("teams", 4)], (
        "and what the key sees"
    )


def test_people_are_shown_a_table_and_what_was_not_read_below(syncd: Syncd, watched: Simulator) -> None:
    watched.faults.lay(Fault(status=403, path="/users", count=0))
    ended = syncd("evidence", "collect", "--dataset", "users", "-o", "table")
    assert ended.code == 0
    assert "users: the key may not read it" in ended.out
    told = syncd("evidence", "status", "-o", "table")
    assert "never" in told.out
    assert "users: the key may not read it (a Global Admin's or an account's key)" in told.out


def test_before_anything_was_collected_it_says_so(syncd: Syncd, watched: Simulator) -> None:
    found = _status(syncd)
    assert {one["state"] for name, one in found.items() if name != "cases"} == {"never"}
    assert found["incidents"]["every_hours"] == 1


def test_more_of_the_past_is_collected(syncd: Syncd, watched: Simulator) -> None:
    ended = syncd("evidence", "collect", "--since", "90d", "-o", "json")
    assert [one["dataset"] for one in ended.json] == ["audit_records", "incidents"]


def test_each_time_it_was_due_is_listed(syncd: Syncd, watched: Simulator) -> None:
    ended = syncd("evidence", "status", "acme", "--due", "2d", "-o", "json")
    assert (ended.code, json.loads(ended.out)) == (0, [])


def _counted(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number} {thing}s"


def test_without_a_terminal_each_dataset_is_a_line(syncd: Syncd, watched: Simulator) -> None:
    watched.faults.lay(Fault(status=403, path="/licenses", count=0))
    ended = syncd("evidence", "collect", "--dataset", "licenses", "--dataset", "abilities", "-o", "json")
    abilities, licences = (
        f"{_counted(one['records'], 'record')}, {_counted(one['requests'], 'request')}" for one in ended.json
    )
    assert ended.err == (
        f"abilities: {abilities}\nlicenses: {licences}; licenses: the key may not read it (a Global Admin's or an account's key)\n"
    )


@pytest.mark.parametrize("is_asked_before", [True, False])
def test_a_key_that_is_refused_is_told_at_once_and_nobody_waits(
    syncd: Syncd, watched: Simulator, store: Database, *, is_asked_before: bool
) -> None:
    if not is_asked_before:
        with store.write() as tx:
            probes.forget(tx, "acme")
    watched.people.revoke(KEYS.read_only)
    ended = syncd("evidence", "collect", "acme", "-o", "json")
    assert (ended.code, {one["state"] for one in ended.json}) == (2, {"waiting"})
    assert "What was collected stays" in ended.err
    assert "acme cannot be read now: PagerDuty answered 401 to GET" in ended.err
    assert "`syncd integrations rotate acme`" in ended.err
    again = syncd("evidence", "collect", "acme")
    assert (again.code, "`syncd integrations rotate acme`" in again.err) == (2, True)


def test_with_another_key_the_old_refusal_is_told_no_more(
    syncd: Syncd, watched: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.people.revoke(KEYS.read_only)
    assert syncd("evidence", "collect").code == 2
    assert "401" in str(_status(syncd)["services"]["why"])
    monkeypatch.setenv(SECRET, KEYS.user)
    assert syncd("integrations", "rotate", "acme").code == 0
    between = {str(one["why"]) for name, one in _status(syncd).items() if name != "cases"}
    assert [one.partition(" at ")[0] for one in between] == ["Its credential was accepted"]
    ended = syncd("evidence", "collect", "-o", "json")
    assert (ended.code, {one["state"] for one in ended.json}) == (0, {"done"})
    assert [one["why"] for one in _status(syncd).values() if "401" in str(one["why"])] == []


def test_a_key_that_is_accepted_again_is_asked_for_without_a_daemon(syncd: Syncd, watched: Simulator) -> None:
    watched.people.revoke(KEYS.read_only)
    assert syncd("evidence", "collect", "--dataset", "users").code == 2
    watched.people.restore(KEYS.read_only)
    assert syncd("evidence", "collect", "--dataset", "users").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("collect", "other"), "There is no PagerDuty account called other"),
        (("collect", "--dataset", "people"), "There is no dataset people; there are services,"),
        (("collect", "--dataset", "cases"), "cases are not collected, they are our own"),
        (("collect", "--dataset", "users", "--since", "3d"), "of the rest the past is not known"),
        (("collect", "--since", "soon"), "is no moment"),
        (("status", "other"), "There is no PagerDuty account called other"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    syncd: Syncd, watched: Simulator, words: tuple[str, ...], said: str
) -> None:
    ended = syncd("evidence", *words)
    assert ended.code in {2, 4}
    assert said in ended.err
    assert watched.journal.requests == []


def test_without_an_account_that_gives_evidence_it_says_how_to_have_one(syncd: Syncd, acme: None) -> None:
    ended: Ended = syncd("evidence", "status")
    assert (ended.code, "`syncd integrations set acme --evidence on`" in ended.err) == (2, True)
    assert "`syncd integrations set acme --evidence on`" in syncd("evidence", "collect", "acme").err
    assert syncd("integrations", "set", "acme", "--evidence", "on").code == 0
    assert syncd("integrations", "set", "acme", "--evidence", "maybe").code == 2
    assert syncd("evidence", "status").code == 0
    assert {row["gives_evidence"] for row in syncd("integrations", "list").json if row["name"] == "acme"} == {True}
    assert "no more" in syncd("integrations", "set", "acme", "--evidence", "off").out


def test_where_there_is_no_account_at_all_it_says_so(syncd: Syncd) -> None:
    assert "There is no PagerDuty account" in syncd("evidence", "status").err
