"""Adding accounts, from the outside: what is asked, what is refused, and that no secret shows."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from syncd.cli.main import COMMANDS, load
from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Simulator, serve
from syncd.store import integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd
from tests.parts.ports import free_port

ROOT = Path(__file__).parents[3]
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
    assert ended.out == (
        f"acme is connected to simulated.pagerduty.com ({adding[6]}). Users: 4; services: 2; key: account; writes as {BOT_EMAIL}; "
        "sync: two-way. Its hooks go to /hooks/acme of your public_url, which is not set yet.\n"
    )
    rows = {row["name"]: row for row in syncd("integrations", "list").json}
    assert (rows["acme"]["system"], rows["acme"]["side"], rows["acme"]["state"]) == (
        "pagerduty",
        "incident",
        "connected",
    )
    assert rows["cases"]["address"] == "http://127.0.0.1:8082"


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
        assert child.stdout.read().startswith("acme is connected to ")
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
    where, hooks, error = ended.err.splitlines()
    assert where.startswith("In PagerDuty: Integrations, API Access Keys, Create New API Key; leave Read-only cleared")
    assert hooks == "PagerDuty's webhooks go to /hooks/acme of your public_url, which is not set yet."
    assert error == "syncd: The API key is missing; put it into SYNCD_SECRET or a file named by --secret-file."
    assert names(store) == ["cases"]


@pytest.mark.parametrize("option", ["--secret-file", "--key-file"])
def test_a_secret_may_come_by_stdin_as_for_init(
    syncd: Syncd, store: Database, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"  {KEYS.full} \n"))
    assert syncd(*adding, option, "-").code == 0
    assert "acme" in names(store)


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
            assert telling <= {"--secret-file", "--key-file", "secret_file"}


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
    monkeypatch.setenv(SECRET, KEYS.user)
    ended = syncd(*adding)
    assert ended.code == 0
    assert [line.split()[:2] for line in ended.err.splitlines()] == [["Mind:", "This"], ["Mind:", "Everything"]]


def test_a_refused_credential_of_a_new_account_may_belong_elsewhere(
    syncd: Syncd, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, WRONG)
    assert "that it belongs to: `--where` of `syncd integrations add`" in syncd(*adding).err


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
