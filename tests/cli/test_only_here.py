"""SYNCD_SERVER names another machine: a command that can only ask this one says so, and neither answers for it nor writes here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Command

from syncd.cli.main import COMMANDS, load
from syncd.cli.only_here import FREE, is_only_here
from syncd.store import api_tokens, legal_holds
from syncd.store.database import Database

from .conftest import Syncd
from .test_status import beat

FAR = "https://syncd.example.com"
HERE = [
    "doctor",
    "init",
    "tokens list",
    "users list",
    "keys list",
    "channels list",
    "retention show",
    "connectors list",
    "connectors policy payments",
    "restored",
]


def every_command() -> Iterator[tuple[str, Command]]:
    waiting = [(name, load(entry)) for name, entry in COMMANDS.items()]
    while waiting:
        typed, one = waiting.pop()
        below = getattr(one, "commands", {})
        waiting += [(f"{typed} {name}", each) for name, each in below.items()]
        if not below:
            yield typed, one


@pytest.mark.parametrize("words", HERE)
def test_it_says_which_machine_it_asks(syncd: Syncd, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setenv("SYNCD_SERVER", FAR)
    ended = syncd(*words.split())
    typed = words.removesuffix(" payments")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"syncd: `syncd {typed}` has no --server and asks the machine it runs on, while SYNCD_SERVER names {FAR}; run it there, "
        "or unset SYNCD_SERVER to ask this machine.\n"
    )


def test_nothing_is_written_here_that_was_meant_for_elsewhere(
    syncd: Syncd, store: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_SERVER", FAR)
    assert syncd("retention", "hold", "--why", "matter 7").code == 2
    assert syncd("tokens", "create", "ci").code == 2
    assert syncd("support-bundle", "-f", str(home / "bundle.tar.gz")).code == 2
    with store.read() as tx:
        assert (legal_holds.standing(tx), api_tokens.listing(tx)) == ([], [])
    assert list(home.glob("*.gz")) == []


def test_every_command_has_a_server_or_is_named() -> None:
    commands = dict(every_command())
    assert set(commands) >= FREE
    asked = {"links list", "status", "mappings set", "tail"}
    assert not any(is_only_here(commands[typed], typed) for typed in {*asked, *FREE})
    assert is_only_here(commands["tokens create"], "tokens create")


def test_what_asks_nobody_goes_on(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_SERVER", FAR)
    for words in ("explain PAG-100-B", "deliveries fields", "config show", "doctor --help"):
        assert syncd(*words.split()).code == 0


def test_status_asks_the_daemon_that_is_named(
    syncd: Syncd, store: Database, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(store, "worker", "beat", "receiver", "console")
    assert syncd("status").code == 0
    far = syncd("status", "--server", elsewhere, "-o", "table")
    assert (far.code, "! No worker is running." in far.out) == (1, True)
    monkeypatch.setenv("SYNCD_SERVER", elsewhere)
    assert syncd("status", "-o", "table").out == far.out
    assert syncd("status").json["incoming"] == []
