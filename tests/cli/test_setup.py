"""`syncd integrations ...`: what is said, how it is left, and where a secret may come from."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.cli.main import COMMANDS, load
from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Simulator, serve
from syncd.store import hook_secrets, integrations
from syncd.store.database import Database
from tests.parts.ports import free_port

from .conftest import SECRET, Syncd

ROOT = Path(__file__).parents[2]
WRONG = "u+wrongkey0000000000"


def names(store: Database) -> list[str]:
    with store.read() as tx:
        return list(integrations.all_of(tx))


def test_an_account_is_added_with_a_secret_from_the_environment(
    syncd: Syncd, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, f" {KEYS.full} ")
    ended = syncd(*adding)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"acme is connected. Services: 2; key: account; writes as {BOT_EMAIL}.\n"
    rows = {row["name"]: row for row in syncd("integrations", "list").json}
    assert (rows["acme"]["system"], rows["acme"]["side"], rows["acme"]["state"]) == (
        "pagerduty",
        "incident",
        "connected",
    )
    assert rows["cases"]["address"] == "http://127.0.0.1:8080"


def test_a_secret_from_a_file_goes_before_the_environment(
    syncd: Syncd, home: Path, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, WRONG)
    (home / "key").write_text(f"{KEYS.full}\n")
    assert syncd(*adding, "--secret-file", str(home / "key")).code == 0


def test_a_secret_is_asked_for_on_a_terminal_and_not_shown(home: Path, adding: tuple[str, ...]) -> None:
    near, far = pty.openpty()
    words = [sys.executable, "-m", "syncd", *adding]
    env = {**os.environ, "SYNCD_HOME": str(home)}
    with subprocess.Popen(
        words, stdin=far, stderr=far, stdout=subprocess.PIPE, env=env, cwd=ROOT, text=True, start_new_session=True
    ) as child:
        os.close(far)
        shown = b""
        while not shown.endswith(b": "):  # The space comes after echoing ends and what was typed early is dropped.
            shown += os.read(near, 1024)
        os.write(near, f"{KEYS.full}\n".encode())
        assert child.stdout is not None
        assert child.stdout.read().startswith("acme is connected.")
        assert child.wait(30) == 0
    try:
        while piece := os.read(near, 1024):
            shown += piece
    except OSError:  # What Linux says when the other end of a terminal is gone.
        pass
    os.close(near)
    assert KEYS.full.encode() not in shown


def test_without_a_secret_and_a_terminal_it_says_where_to_put_it(
    syncd: Syncd, store: Database, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (ROOT / "README.md").open(encoding="utf-8") as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        ended = syncd(*adding)
    assert ended.code == 2
    assert ended.err == "syncd: The API key is missing; put it into SYNCD_SECRET or a file named by --secret-file.\n"
    assert names(store) == ["cases"]


def test_a_file_that_cannot_be_read_is_named_and_not_quoted(syncd: Syncd, home: Path, adding: tuple[str, ...]) -> None:
    (home / "key").write_bytes(b"hunter2\xff\xfe")
    for file, says in ((home / "key", "holds no text"), (home / "none", "No such file or directory"), (home, "Is a")):
        ended = syncd(*adding, "--secret-file", str(file))
        assert ended.code == 2
        assert f"{file} " in ended.err
        assert says in ended.err
        assert "hunter2" not in ended.err


def test_no_command_takes_a_secret_on_its_command_line() -> None:
    for group in ("integrations", "connectors"):
        for command in load(COMMANDS[group]).commands.values():  # type: ignore[attr-defined]  # it is a group
            words = {word for param in command.params for word in (*param.opts, param.name)}
            telling = {word for word in words if re.search("key|token|secret|password|credential", word)}
            assert telling <= {"--secret-file", "secret_file"}


@pytest.mark.parametrize(
    ("secret", "more", "code", "says"),
    [
        (WRONG, (), 2, "answered 401"),
        ("a" * 32, (), 2, "as an Events integration key is"),
        (" ", (), 2, "The API key is empty"),
        (KEYS.full, ("--email", "nobody@example.com"), 2, "no user with the e-mail address nobody@example.com"),
        (KEYS.full, ("--email", ""), 2, "name one of PagerDuty's by --email"),
        (KEYS.full, ("--system", "jira"), 2, "it is pagerduty or casedesk"),
        (KEYS.full, ("--system", "casedesk", "--email", "", "--where", ""), 2, "give its own by --where"),
        (KEYS.full, ("--where", "mars"), 2, "PagerDuty has no region mars; give us, eu or an address like https://"),
        (KEYS.full, ("--where", "//moon"), 2, "must be like https://host/path"),
        (KEYS.full, ("--system", "casedesk"), 2, "A case system has no --email, which is PagerDuty's"),
        (KEYS.full, ("--where", f"http://127.0.0.1:{free_port()}"), 3, "cannot be reached"),
        (KEYS.full, ("--ca-file", "none.pem", "--where", "https://127.0.0.1:9"), 2, "none.pem"),
    ],
)
def test_what_is_refused_is_told_in_a_sentence_and_not_stored(
    syncd: Syncd,
    store: Database,
    adding: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    secret: str,
    more: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    monkeypatch.setenv(SECRET, secret)
    ended = syncd(*adding, *more)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("syncd: ")
    assert ended.err.count("\n") == 1, "one sentence, and no traceback"
    assert says in ended.err
    assert not secret.strip() or secret not in ended.err
    assert set(names(store)) <= {"cases"}


def test_a_name_is_taken_once_and_must_stand_in_an_address(syncd: Syncd, acme: None, adding: tuple[str, ...]) -> None:
    again = syncd(*adding)
    assert (again.code, again.out) == (2, "")
    assert again.err == (
        "syncd: There is an integration called acme already; give it another credential by `syncd integrations rotate acme`, "
        "or choose another name for this one.\n"
    )
    assert "cannot be a name" in syncd("integrations", "add", "Acme Inc", *adding[3:]).err


def test_warnings_are_words_and_no_data(
    syncd: Syncd, pagerduty: Simulator, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    pagerduty.people.set_role(BOT_EMAIL, "observer")
    monkeypatch.setenv(SECRET, KEYS.user)
    ended = syncd(*adding)
    assert ended.code == 0
    assert [line.split()[:2] for line in ended.err.splitlines()] == [["Mind:", "This"], ["Mind:", "syncd"]]


def test_an_account_is_tested_and_gets_another_key(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert syncd("integrations", "test", "acme").out == "credential: accepted\nservices: 2\n"
    pagerduty.people.revoke(KEYS.full)
    assert syncd("integrations", "test", "acme").code == 2
    monkeypatch.setenv(SECRET, KEYS.user)
    assert syncd("integrations", "rotate", "acme").code == 0
    assert syncd("integrations", "test", "acme").code == 0
    assert "disconnected" not in syncd("integrations", "test", "acme").out
    assert syncd("integrations", "test", "nobody").code == 4
    assert syncd("integrations", "rotate", "nobody").code == 4


@pytest.mark.parametrize("verb", ["test", "rotate"])
def test_a_refused_credential_names_no_option_that_the_command_does_not_have(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    pagerduty.people.revoke(KEYS.full)
    monkeypatch.setenv(SECRET, KEYS.full)
    refused = syncd("integrations", verb, "acme")
    assert refused.code == 2
    assert refused.err.endswith(
        "; check that the credential is one of this account, and that nobody has withdrawn it there.\n"
    )


def test_a_refused_credential_of_a_new_account_may_belong_elsewhere(
    syncd: Syncd, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, WRONG)
    assert "that --where names the region or address it belongs to." in syncd(*adding).err


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


def test_a_case_desk_with_a_wrong_token_is_refused(
    syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaseDesk(seed=3) as desk, serve(desk.app) as url:
        words = ("integrations", "add", "desk", "--system", "casedesk", "--where", url)
        monkeypatch.setenv(SECRET, "wrong")
        refused = syncd(*words)
        assert (refused.code, names(store)) == (2, ["cases"])
        assert "answered 401" in refused.err
        monkeypatch.setenv(SECRET, desk.token)
        assert "Its hooks go to /hooks/desk" in syncd(*words).out
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    made = syncd("integrations", "webhook", "desk", "--create")
    assert (made.code, made.out) == (2, "")
    assert (
        "make one to /hooks/desk in desk itself, and paste its secret: `syncd integrations webhook desk`." in made.err
    )
    assert names(store) == ["cases", "desk"]


def test_a_webhook_by_a_pasted_secret(
    syncd: Syncd, store: Database, acme: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "cut-off-secret")
    refused = syncd("integrations", "webhook", "acme")
    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "shorter than 16 characters" in refused.err
    assert "cut-off-secret" not in refused.err
    monkeypatch.setenv(SECRET, "pasted-webhook-secret")
    ended = syncd("integrations", "webhook", "acme")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "acme: the secret is sealed; hooks signed with it are taken at /hooks/acme.\n"
    with store.read() as tx:
        (sealed,) = integrations.hook_secrets_of(tx, "acme")
    assert b"pasted-webhook-secret" not in sealed


def test_a_webhook_made_by_pagerduty(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = syncd("integrations", "webhook", "acme", "--create")
    assert (missing.code, pagerduty.account.subscriptions) == (2, {})
    assert "set SYNCD_PUBLIC_URL" in missing.err
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test/")
    made = syncd("integrations", "webhook", "acme", "--create", "--service", "Checkout")
    (subscription,) = pagerduty.account.subscriptions.values()
    assert made.out == f"PagerDuty made subscription {subscription.id}; its secret is sealed.\n"
    assert subscription.url == "https://syncd.test/hooks/acme"
    assert subscription.secrets[0] not in made.out + made.err
    assert syncd("integrations", "webhook", "acme", "--create", "--secret-file", "x").code == 2
    again = syncd("integrations", "webhook", "acme", "--create")
    assert (again.code, "`syncd integrations webhook acme --rotate` replaces it" in again.err) == (2, True)


def test_a_webhook_is_replaced_once_its_successor_has_proved_itself(
    syncd: Syncd, store: Database, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    none = syncd("integrations", "webhook", "acme", "--rotate")
    assert none.code == 2
    assert none.err.endswith("have one made: `syncd integrations webhook acme --create`.\n")
    pagerduty.carriage.hold = True
    syncd("integrations", "webhook", "acme", "--create")
    (old,) = pagerduty.account.subscriptions

    def receive(_: float) -> None:
        with store.write() as tx:
            hook_secrets.prove(tx, [one.id for one in hook_secrets.ours(tx, "acme") if one.replaces], store.now(tx))

    monkeypatch.setattr("time.sleep", receive)
    ended = syncd("integrations", "webhook", "acme", "--rotate")
    (new,) = pagerduty.account.subscriptions.values()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"acme: subscription {new.id} has proved its secret, and {old} was deleted.\n"
    assert new.secrets[0] not in ended.out
    for wrong in ("--create", "--service=Checkout", "--secret-file=x"):
        refused = syncd("integrations", "webhook", "acme", "--rotate", wrong)
        assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)


def test_a_subscription_whose_secret_a_backup_has_lost_is_taken_over(
    syncd: Syncd, store: Database, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    pagerduty.carriage.hold = True
    syncd("integrations", "webhook", "acme", "--create")
    (lost,) = pagerduty.account.subscriptions
    with store.write() as tx:
        hook_secrets.forget(tx, "acme", lost)

    def receive(_: float) -> None:
        with store.write() as tx:
            hook_secrets.prove(tx, [one.id for one in hook_secrets.ours(tx, "acme") if one.replaces], store.now(tx))

    monkeypatch.setattr("time.sleep", receive)
    ended = syncd("integrations", "webhook", "acme", "--create")
    (new,) = pagerduty.account.subscriptions
    assert (ended.code, ended.out) == (0, f"acme: subscription {new} has proved its secret, and {lost} was deleted.\n")


def test_looking_in_without_the_daemons_settings_does_not_move_its_cases(
    syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    syncd("integrations", "list")
    monkeypatch.delenv("SYNCD_PUBLIC_URL")
    (row,) = syncd("integrations", "list").json
    assert row["address"] == "https://syncd.test"
