"""`syncd tokens` and `syncd users`: made and shown once, listed without secrets, revoked; and a token used from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.flow.access import first_admin
from syncd.store.database import Database

from .conftest import SECRET, Syncd

PASSWORD = "correct horse battery"


def test_a_token_is_shown_when_it_is_made_and_never_again(syncd: Syncd) -> None:
    made = syncd("tokens", "create", "ci", "--role", "operator", "--expires", "90d", "--by", "Ana Lima")
    assert made.code == 0
    token = made.out.strip()
    assert token.startswith("syncd_pat_")
    assert "shown only now" in made.err
    listed = syncd("tokens", "list", "-o", "json")
    assert token.rpartition("_")[2] not in listed.out
    (row,) = listed.json
    assert (row["name"], row["role"], row["state"], row["created_by"]) == ("ci", "operator", "good", "Ana Lima")
    assert row["expires_at"] is not None
    assert "ci" in syncd("tokens", "list", "-o", "table").out


def test_until_when_a_token_opens_is_said_and_never_only_when_it_is_asked_for(syncd: Syncd) -> None:
    usual = syncd("tokens", "create", "usual", "--role", "viewer")
    eternal = syncd("tokens", "create", "eternal", "--role", "viewer", "--expires", "never")
    syncd("tokens", "create", "short", "--role", "viewer", "--expires", "14d")
    assert re.search(r"usual expires at \d{4}-\d\d-\d\d \d\d:\d\d UTC", usual.err)
    assert "eternal never expires: it opens until it is revoked" in eternal.err
    listed = syncd("tokens", "list", "-o", "table")
    ends = {line.split()[1]: line for line in listed.out.splitlines()[1:]}
    assert "never" in ends["eternal"]
    assert "never" not in ends["usual"]
    assert re.fullmatch(r"Mind: short expires within 14 days, at \S+\.\n", listed.err)
    rows = {one["name"]: one for one in syncd("tokens", "list", "-o", "json").json}
    assert rows["eternal"]["expires_at"] is None


def test_a_revoked_token_stays_in_the_list_with_who_did_it(syncd: Syncd) -> None:
    made = syncd("tokens", "create", "ci", "--role", "viewer", "-o", "json").json
    first = syncd("tokens", "revoke", made["id"], "--by", "Ana Lima")
    second = syncd("tokens", "revoke", "ci", "--by", "Ben Osei")
    assert first.out == "The token ci opens nothing any more.\n"
    assert second.out == "The token ci was revoked before, by Ana Lima.\n"
    assert [row["state"] for row in syncd("tokens", "list", "-o", "json").json] == ["revoked"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("create", "ci", "--role", "root"), 2, "--role root is no role; it is viewer, operator, admin or auditor."),
        (("create", "ci", "--role", "admin", "--expires", "soon"), 2, "--expires soon is no number of days"),
        (("create", "ci", "--role", "admin", "--expires", "9999d"), 2, "expires_days"),
        (("create", "ci", "--role", "admin", "--integration", "none"), 4, "There is no integration called none"),
        (("create", " ", "--role", "admin"), 2, "name"),
        (("revoke", "none"), 4, "There is no token none"),
    ],
)
def test_what_cannot_be_is_a_sentence(syncd: Syncd, words: tuple[str, ...], code: int, says: str) -> None:
    ended = syncd("tokens", *words)
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err


def test_a_name_stands_for_one_token_or_one_person_for_good(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, PASSWORD)
    syncd("tokens", "create", "ci", "--role", "viewer")
    syncd("tokens", "revoke", "ci")
    assert "There is or was a token called ci" in syncd("tokens", "create", "ci", "--role", "viewer").err
    assert "There is or was a token called ci" in syncd("users", "add", "ci", "--role", "viewer").err
    assert syncd("users", "add", "Ana Lima", "--role", "viewer").code == 0
    assert "is a user of the console" in syncd("tokens", "create", "Ana Lima", "--role", "viewer").err
    assert "There is a user called Ana Lima already" in syncd("users", "add", "Ana Lima", "--role", "viewer").err


def test_a_user_is_added_listed_given_a_password_and_disabled(
    syncd: Syncd, store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    file = ("--secret-file", str(tmp_path / "password"))
    assert syncd("users", "add", "Ana Lima", "--role", "auditor", *file).out == "Ana Lima may sign in, as auditor.\n"
    assert syncd("users", "passwd", "Ana Lima", *file).code == 0
    assert syncd("users", "disable", "Ana Lima", "--by", "Ben Osei").out.startswith("Ana Lima signs in no more")
    listed = syncd("users", "list", "-o", "json")
    assert [(one["name"], one["role"], one["disabled_by"]) for one in listed.json] == [
        ("Ana Lima", "auditor", "Ben Osei")
    ]
    assert "scrypt" not in listed.out
    assert PASSWORD not in listed.out
    assert syncd("users", "passwd", "Nobody", *file).code == 4
    monkeypatch.setenv(SECRET, "short")
    assert "fewer than 12 characters" in syncd("users", "add", "Ben Osei", "--role", "viewer").err


def test_a_token_works_from_elsewhere_within_its_role(
    syncd: Syncd, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setenv("SYNCD_HOME", str(tmp_path / "elsewhere"))
        token = syncd("tokens", "create", "reader", "--role", "viewer").out.strip()
    monkeypatch.setenv("SYNCD_TOKEN", token)
    assert syncd("cases", "list", "--server", elsewhere).code == 0
    refused = syncd("cases", "open", "Checkout is slow", "--server", elsewhere)
    assert (refused.code, "reader is a viewer, and this needs cases:Write" in refused.err) == (2, True)
    monkeypatch.setenv("SYNCD_TOKEN", f"{token}x")
    assert syncd("cases", "list", "--server", elsewhere).code == 2


def test_a_link_for_the_first_admin_is_printed_until_there_is_one(syncd: Syncd, store: Database) -> None:
    printed = syncd("users", "link")
    assert re.fullmatch(r"http://127\.0\.0\.1:8082/first-admin\?link=[\w-]{43}\n", printed.out)
    assert "Whoever opens it first is the admin" in printed.err
    again = syncd("users", "link", "-o", "json").json
    secret = again["link"].partition("link=")[2]
    assert secret not in printed.out
    first_admin.take(store, secret, name="Ana Lima", password="correct horse battery")
    refused = syncd("users", "link")
    assert (refused.code, refused.out) == (2, "")
    assert "There is an admin already, Ana Lima" in refused.err
