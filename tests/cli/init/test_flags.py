"""`syncd init` where nobody can be asked: everything by flags, whole steps, and nothing doubled the second time."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from syncd.simulator import BOT_EMAIL, KEYS, Fault, Simulator
from syncd.store import connection_log, connectors, integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd

PUBLIC = "https://syncd.test"
WRONG = "u+wrongkey0000000000"


@pytest.fixture
def words(pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv(SECRET, f"  {KEYS.full}\n")
    pagerduty.carriage.hold = True
    account = ("--name", "acme", "--where", pagerduty.account.api_url, "--email", BOT_EMAIL)
    return ("init", *account, "--consent", "--two-way", "--service", "Checkout", "--by", "Ana")


def without(words: tuple[str, ...], flag: str, length: int = 2) -> tuple[str, ...]:
    place = words.index(flag)
    return words[:place] + words[place + length :]


def accounts(store: Database) -> list[str]:
    with store.read() as tx:
        return [one.slug for one in integrations.all_of(tx).values() if one.system == "pagerduty"]


def test_all_is_set_up_and_what_to_do_next_is_said(
    syncd: Syncd, words: tuple[str, ...], store: Database, pagerduty: Simulator
) -> None:
    ended = syncd(*words, "-o", "table")
    assert ended.code == 0
    said = ended.out.splitlines()
    assert said[0].startswith(
        f"Reached simulated.pagerduty.com ({pagerduty.account.api_url}). Users: 4; services: 2; key: account"
    )
    assert f"acme is connected to simulated.pagerduty.com, writes as {BOT_EMAIL}, sync: two-way." in said
    assert "P1 = P1" in said
    assert "checkout opens incidents on Checkout for cases." in said
    assert any(
        line.startswith("PagerDuty cannot reach this daemon, since public_url is not set: it is asked") for line in said
    )
    assert any(line.startswith("ok    acme: ") for line in said)
    assert said[-3:] == [
        '  syncd trial acme --service "Checkout"',
        '  syncd cases open "A first case" --priority P3 --connector checkout',
        "  syncd status",
    ]
    assert "In PagerDuty: Integrations, API Access Keys, Create New API Key" in ended.err
    assert "/hooks/acme" in ended.err
    assert KEYS.full not in ended.out + ended.err
    with store.read() as tx:
        acme = integrations.all_of(tx)["acme"]
        assert list(connectors.all_of(tx)) == ["checkout"]
    assert (acme.consented_by, acme.is_two_way) == ("Ana", True)
    assert not pagerduty.account.incidents


def test_a_second_time_nothing_is_doubled_and_a_webhook_is_made_when_there_is_an_address(
    syncd: Syncd, words: tuple[str, ...], store: Database, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = syncd(*words, "-o", "json").json
    assert (first["integration"]["is_new"], first["connector"]["is_new"]) == (True, True)
    assert first["webhook"] == {"subscription": "", "is_polled": True}
    monkeypatch.setenv("SYNCD_PUBLIC_URL", PUBLIC)
    second = syncd("init", "-o", "json")
    assert second.json["integration"] == {
        "name": "acme",
        "account": "simulated.pagerduty.com",
        "hooks": f"{PUBLIC}/hooks/acme",
        "is_new": False,
    }
    assert second.json["connector"] == {"name": "checkout", "service": "Checkout", "is_new": False}
    (subscription,) = pagerduty.account.subscriptions
    assert second.json["webhook"] == {"subscription": subscription, "is_polled": False}
    assert {one["mark"] for one in second.json["checks"]} <= {"ok", "warn", "FAIL"}
    links = [one["first_admin"]["link"] for one in (first, second.json)]
    assert links[0].startswith("http://127.0.0.1:8082/first-admin?link=")
    assert links[1].startswith(f"{PUBLIC}/first-admin?link=")
    third = syncd(*words, "-o", "table")
    assert (
        f"Open this to come in as the first admin; it opens once, within 24 h: {PUBLIC}/first-admin?link=" in third.out
    )
    assert "acme is connected already: simulated.pagerduty.com" in third.out
    assert "Its key stays as it is; `syncd integrations rotate acme` changes it." in third.out
    assert "checkout is there already: it opens incidents on Checkout." in third.out
    assert f"acme has a webhook already: subscription {subscription}." in third.out
    assert list(pagerduty.account.subscriptions) == [subscription]
    assert accounts(store) == ["acme"]


def test_what_a_flag_asks_for_and_is_otherwise_already_is_said(syncd: Syncd, words: tuple[str, ...]) -> None:
    assert syncd(*words).code == 0
    other = without(without(words, "--email"), "--two-way", 1)
    ended = syncd(*other, "--email", "ana.lima@example.com", "--one-way", "-o", "table")
    assert "Its sync stays two-way; `syncd integrations two-way acme off` changes that." in ended.out
    assert (
        f"Its writes stay those of {BOT_EMAIL}; `syncd integrations set acme --email ADDRESS` changes that."
        in ended.out
    )


@pytest.mark.parametrize(
    ("flag", "length", "says"),
    [
        ("--name", 2, "give it one by --name"),
        ("--consent", 1, "say so by --consent"),
        ("--two-way", 1, "choose --two-way or --one-way"),
        ("--service", 2, "by --service"),
    ],
)
def test_what_is_missing_is_named_and_nobody_is_asked(
    syncd: Syncd, words: tuple[str, ...], store: Database, pagerduty: Simulator, flag: str, length: int, says: str
) -> None:
    ended = syncd(*without(words, flag, length))
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert pagerduty.journal.requests == []
    assert accounts(store) == []


def test_a_user_is_missed_once_it_is_known_that_the_key_is_nobodys_own(
    syncd: Syncd, words: tuple[str, ...], store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = without(words, "--email")
    ended = syncd(*nameless)
    assert ended.code == 2
    assert "name one of PagerDuty's by --email: ana.lima@example.com, " in ended.err
    assert accounts(store) == []
    monkeypatch.setenv(SECRET, KEYS.user)
    assert syncd(*nameless).code == 0


def test_all_that_is_missing_is_named_at_once(syncd: Syncd, words: tuple[str, ...]) -> None:
    ended = syncd(*without(without(words, "--consent", 1), "--service"))
    assert ended.code == 2
    assert "say so by --consent" in ended.err
    assert "by --service" in ended.err


def test_a_missing_key_names_where_it_may_stand(
    syncd: Syncd, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECRET)
    ended = syncd(*words)
    assert ended.code == 2
    assert "name a file by --key-file (- is stdin), or put it into SYNCD_SECRET" in ended.err


@pytest.mark.parametrize("is_stdin", [True, False])
def test_the_key_may_stand_in_a_file_or_come_by_stdin(
    syncd: Syncd, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_stdin: bool
) -> None:
    monkeypatch.delenv(SECRET)
    (tmp_path / "key").write_text(f" {KEYS.full} \n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEYS.full}\n"))
    assert syncd(*words, "--key-file", "-" if is_stdin else str(tmp_path / "key")).code == 0


def test_a_wrong_key_is_an_error_and_nothing_is_stored(
    syncd: Syncd, words: tuple[str, ...], store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, WRONG)
    ended = syncd(*words)
    assert ended.code == 1
    assert "PAG-100-A" in ended.err
    assert WRONG not in ended.out + ended.err
    assert accounts(store) == []
    with store.read() as tx:
        begun, failed = reversed(connection_log.listing(tx))
    assert (begun.kind, begun.integration, begun.by) == ("initiated", "acme", "Ana")
    assert (failed.kind, failed.code, failed.by) == ("failed", "PAG-100-A", "Ana")
    assert failed.detail.endswith(".")
    assert "PAG-100-A" not in failed.detail, "its code stands beside it"


def test_a_service_that_is_none_stops_it_before_anything_is_stored(
    syncd: Syncd, words: tuple[str, ...], store: Database
) -> None:
    ended = syncd(*without(words, "--service"), "--service", "Chekout")
    assert ended.code == 4
    assert "The account has no service Chekout; it has Checkout" in ended.err
    assert accounts(store) == []


def test_cut_off_in_the_middle_it_goes_on_from_there(
    syncd: Syncd, words: tuple[str, ...], store: Database, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is stored, and its subscription is not made: PagerDuty is away by then."""
    monkeypatch.setenv("SYNCD_PUBLIC_URL", PUBLIC)
    pagerduty.faults.lay(Fault(methods=("POST",), path="/webhook_subscriptions", status=503))
    ended = syncd(*words)
    assert ended.code == 3
    assert accounts(store) == ["acme"]
    again = syncd(*words, "-o", "json").json
    assert (again["integration"]["is_new"], again["connector"]["is_new"]) == (False, False)
    assert again["webhook"]["subscription"] in pagerduty.account.subscriptions


def test_an_account_that_is_connected_under_another_name_is_not_connected_again(
    syncd: Syncd, words: tuple[str, ...], store: Database
) -> None:
    assert syncd(*words).code == 0
    ended = syncd("init", "--name", "again", *words[3:])
    assert ended.code == 2
    assert "is connected already, as acme" in ended.err
    assert accounts(store) == ["acme"]
