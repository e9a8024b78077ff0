"""Commands that change something past the API stand in the action log, with whom the system knows, and so does what they refuse."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from typing import Any

import pytest

from syncd.cli import changing
from syncd.cli.changing import CHANGING
from syncd.cli.main import COMMANDS, load
from syncd.core.deeds import KnownAs, Way
from syncd.core.permissions import Action
from syncd.store import schema
from syncd.store.database import Database

from .conftest import Syncd
from .logging_kept import logging_kept

#: They change nothing here, or nothing by themselves.
LOOKING = {
    *("evidence diff", "evidence snapshots", "evidence status", "evidence verify"),
    *("up", "demo", "sim", "web", "worker", "beat", "status", "why", "explain", "support-bundle"),
    *("integrations log", "integrations list", "connectors list", "connectors types", "routes list", "routes explain"),
    *("routes export", "presets list", "presets preview", "cases list", "cases show", "links list", "links show"),
    *(
        "links compare",
        "conflicts list",
        "deliveries stats",
        "deliveries fields",
        "deliveries export",
        "deliveries list",
    ),
    *(
        "deliveries show",
        "channels list",
        "channels notices",
        "retention show",
        "tokens list",
        "users list",
        "keys list",
    ),
    *(
        "actions list",
        "actions show",
        "config check",
        "config show",
        "mappings show",
        "mappings try",
        "views list",
        "tail",
    ),
    # Each of its tools that changes something keeps the log by itself, and so does a probe that writes.
    *("mcp", "doctor"),
}


def _leaves(command: Any, words: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401  Typer's own types are private.
    parts = getattr(command, "commands", None)
    if parts is None:
        yield " ".join(words)
    for name, one in (parts or {}).items():
        yield from _leaves(one, (*words, name))


def test_of_every_command_it_is_said_whether_it_changes_something() -> None:
    there = {typed for name, entry in COMMANDS.items() for typed in _leaves(load(entry), (name,))}
    assert there == set(CHANGING) | LOOKING
    assert not set(CHANGING) & LOOKING
    assert {one.action for one in CHANGING.values()} <= {*Action, "machine:Manage"}


def _log(syncd: Syncd, *words: str) -> list[dict[str, Any]]:
    """In the order it was done."""
    return list(reversed(syncd("actions", "list", "-o", "json", *words).json))


def test_what_a_command_does_is_a_row_without_its_words(syncd: Syncd) -> None:
    syncd("cases", "open", "Till is down", "--body", "a word", "--by", "Ana", "--priority", "P2")
    syncd("cases", "list")
    syncd("tokens", "create", "ci", "--role", "viewer")
    first, second = _log(syncd)
    assert (first["act"], first["action"], first["way"]) == ("syncd cases open", Action.CASES_WRITE, Way.CLI)
    assert (first["who"], first["known_as"]) == (changing.os_user(), KnownAs.OS_USER)
    assert first["named"] == {"by": "Ana", "priority": "P2"}
    assert (first["outcome"], first["status"], first["ended_at"] is not None) == ("done", 0, True)
    assert second["named"]["name"] == "ci"
    assert "Till" not in json.dumps(first)
    assert "a word" not in json.dumps(first)


def test_who_it_was_is_not_what_the_environment_says(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "eve")
    assert getpass.getuser() == "eve"
    syncd("cases", "open", "Till is down")
    (row,) = _log(syncd)
    assert row["who"] == changing.os_user() != "eve"
    (case,) = syncd("cases", "list", "-o", "json").json
    assert syncd("cases", "show", case["key"], "-o", "json").json["timeline"][0]["by"] == "eve"


def test_what_a_command_refuses_is_a_row_too(syncd: Syncd) -> None:
    assert syncd("cases", "close", "CS-404").code == 4
    assert syncd("retention", "hold", "--why", " ").code == 2
    found = [(one["act"], one["outcome"], one["status"]) for one in _log(syncd)]
    assert found == [("syncd cases close", "refused", 4), ("syncd retention hold", "refused", 2)]
    assert [one["act"] for one in _log(syncd, "--outcome", "refused", "--since", "1h", "--limit", "1")] == [
        "syncd retention hold"
    ]


def test_what_only_looks_is_none(syncd: Syncd) -> None:
    assert syncd("restored", "--lost").code == 0
    assert _log(syncd) == []


def test_with_an_address_the_daemon_keeps_it(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_TOKEN", "x")
    assert syncd("cases", "close", "CS-1", "--server", "http://127.0.0.1:1").code == 3
    assert _log(syncd) == []


def test_where_there_is_nothing_to_write_into_nothing_is_done(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_HOME", "/nowhere")
    ended = syncd("tokens", "create", "ci", "--role", "viewer")
    assert (ended.code, ended.out) == (2, "")
    assert "There is nothing here yet" in ended.err


def test_an_upgrade_is_written_down_once_there_is_a_log(syncd: Syncd, store: Database) -> None:
    with logging_kept():
        upgraded = syncd("db", "upgrade").out
    assert upgraded == f"The database is at {schema.head()}.\n"
    (row,) = _log(syncd)
    assert (row["act"], row["action"], row["outcome"]) == ("syncd db upgrade", "machine:Manage", "done")


def test_people_get_a_table(syncd: Syncd) -> None:
    syncd("cases", "open", "Till is down", "--priority", "P2")
    table = syncd("actions", "list", "-o", "table").out.splitlines()
    assert table[0].split()[:4] == ["ID", "AT", "WHO", "WAY"]
    assert "syncd cases open" in table[1]
    assert syncd("actions", "list", "--way", "train").code == 2
