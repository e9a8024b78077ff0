"""Looking at accounts: the test of a credential, and the list."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.core.diagnostics import CATALOGUE
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd

OTHER = "u+another-key-of-4711"
ROOT = Path(__file__).parents[3]


def in_use(syncd: Syncd) -> list[str]:
    rows = syncd("integrations", "list", "-o", "json").json
    return [row["in_use"] for row in rows]


def test_an_account_is_tested_and_gets_another_key(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = dict(line.split(": ", 1) for line in syncd("integrations", "test", "acme").out.splitlines())
    assert (told["credential"], told["account"], told["users"]) == ("accepted", "simulated.pagerduty.com", "4")
    assert syncd("integrations", "test", "acme", "-o", "json").json == told
    assert told["in use"] == f"API key …{KEYS.full[-4:]}"
    pagerduty.people.revoke(KEYS.full)
    assert syncd("integrations", "test", "acme").code == 2
    pagerduty.account.keys[OTHER] = replace(pagerduty.account.keys[KEYS.user], secret=OTHER)
    monkeypatch.setenv(SECRET, OTHER)
    assert syncd("integrations", "rotate", "acme").code == 0
    assert in_use(syncd) == ["API key …4711", ""], "the built-in cases have none"
    assert syncd("integrations", "test", "acme").code == 0
    assert "disconnected" not in syncd("integrations", "test", "acme").out
    assert syncd("integrations", "test", "nobody").code == 4
    assert syncd("integrations", "rotate", "nobody").code == 4


@pytest.mark.parametrize(("verb", "code"), [("test", "PAG-100-B"), ("rotate", "PAG-100-A")])
def test_a_refused_credential_is_told_by_its_code_and_its_cure_names_no_option_that_the_command_does_not_have(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch, verb: str, code: str
) -> None:
    pagerduty.people.revoke(KEYS.full)
    monkeypatch.setenv(SECRET, KEYS.full)
    refused = syncd("integrations", verb, "acme")
    assert refused.code == 2
    assert refused.err.startswith(f"syncd: {code}: ")
    assert refused.err.endswith(f" {CATALOGUE[code].cured('acme')}\n")
    assert not set(re.findall(r"--\S+", re.sub(r"--where of `syncd integrations add`|`[^`]*`", "", refused.err)))


def test_a_user_who_is_gone_is_replaced_by_the_command_that_is_named_without_the_key(
    syncd: Syncd, acme: None, pagerduty: Simulator
) -> None:
    pagerduty.people.deactivate(BOT_EMAIL)
    refused = syncd("integrations", "test", "acme")
    assert refused.err.endswith(
        f"no user with the e-mail address {BOT_EMAIL}; name another by `syncd integrations set acme --email ADDRESS`.\n"
    )
    assert "`syncd integrations set acme --email ADDRESS`" in syncd("doctor", "acme").out
    assert syncd("integrations", "set", "acme", "--email", "ana.lima@example.com").code == 0
    assert syncd("integrations", "test", "acme").code == 0


def test_a_credential_that_works_again_is_told_apart_from_an_account_that_is_connected_again(
    syncd: Syncd, store: Database, acme: None
) -> None:
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "acme", code="PAG-100-B", reason="The key was refused.", now=now, probe_at=now)
    ended = syncd("integrations", "test", "acme")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == (
        "state: still disconnected; a worker asks it again within 60 s and then lets everything go, and "
        "`syncd integrations rotate acme` with the same credential does so at once"
    )


def test_a_terminal_is_told_who_is_asked_while_the_answer_is_waited_for(
    home: Path, store: Database, acme: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        with store.write() as tx:
            integrations.move(tx, "acme", f"http://127.0.0.1:{hanging.getsockname()[1]}")
        near, far = pty.openpty()
        words = [sys.executable, "-m", "syncd", "integrations", "test", "acme"]
        env = {**os.environ, "SYNCD_HOME": str(home)}
        with subprocess.Popen(words, stderr=far, stdout=subprocess.PIPE, env=env, cwd=ROOT) as child:
            os.close(far)
            asking, _ = hanging.accept()
            shown = os.read(near, 1024)
            assert shown == b"Asking 127.0.0.1 ...\r\n"
            assert child.poll() is None, "it said so before anybody answered"
            hanging.close()
            asking.close()
            assert child.stdout is not None
            assert child.stdout.read() == b""
            assert child.wait(30) == 3
        os.close(near)


def test_a_pipe_is_told_the_answer_alone(syncd: Syncd, acme: None) -> None:
    ended = syncd("integrations", "test", "acme")
    assert (ended.code, ended.err) == (0, "")


def test_looking_in_without_the_daemons_settings_does_not_move_its_cases(
    syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    syncd("integrations", "list")
    monkeypatch.delenv("SYNCD_PUBLIC_URL")
    (row,) = syncd("integrations", "list").json
    assert row["address"] == "https://syncd.test"


def test_whoever_tests_an_account_of_evidence_is_told_when_its_key_sees_less_than_before(
    syncd: Syncd, acme: None, pagerduty: Simulator
) -> None:
    assert "sees" not in syncd("integrations", "test", "acme", "-o", "json").json
    assert syncd("integrations", "set", "acme", "--evidence", "on").code == 0
    assert syncd("integrations", "test", "acme", "-o", "json").json["sees"] == "the whole account"
    assert syncd("evidence", "collect", "acme", "--dataset", "services").code == 0
    account = pagerduty.account
    person = account.keys[KEYS.user]
    account.keys[KEYS.full] = replace(person, secret=KEYS.full)
    assert person.user_id is not None
    account.users[person.user_id] = replace(account.users[person.user_id], role="restricted_access")
    told = syncd("integrations", "test", "acme", "-o", "json").json["sees"]
    assert "sees only services" in told
    assert "; that is less than at " in told
    assert told.endswith("when evidence was collected by it: what is collected now passes no check")
