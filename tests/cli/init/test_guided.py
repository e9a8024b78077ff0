"""`syncd init` at a real terminal: a person is asked in order, a wrong key is asked for again, and Ctrl-C leaves whole steps."""

from __future__ import annotations

from pathlib import Path

from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connectors, integrations
from syncd.store.database import Database
from tests.cli.init.terminal import Terminal, terminal

WRONG = "u+wrongkey0000000000"


def connect(asked: Terminal, pagerduty: Simulator) -> None:
    asked.answer("A name for the account", "acme")
    asked.answer("Its region", pagerduty.account.api_url)
    asked.answer("API key: ", f"  {WRONG}")
    asked.answer("API key: ", f" {KEYS.full} ")
    asked.answer("Its region", "")
    asked.answer("Do you consent?", "y")
    asked.answer("(two-way sync)?", "n")
    asked.answer("The user our writes are made as", "nobody")
    asked.answer("The user our writes are made as", BOT_EMAIL)


def test_a_person_is_led_through_it(home: Path, pagerduty: Simulator, store: Database) -> None:
    with terminal(home, "init") as asked:
        connect(asked, pagerduty)
        asked.answer("The service that incidents are opened on", "1")
        asked.answer("Are these pairs of priorities right?", "n")
        asked.answer("P1: ", "P2")
        asked.answer("P2: ", "")
        for case in ("P3", "P4", "P5"):
            asked.answer(f"{case}: ", "-")
        code = asked.end()
        seen = asked.seen
    assert code == 0, seen
    assert "PAG-100-A" in seen
    assert "nobody is none of them" in seen
    assert "Not mapped: P3, P4, P5" in seen
    assert "All is set up." in seen
    assert WRONG not in seen
    assert KEYS.full not in seen
    with store.read() as tx:
        acme = integrations.all_of(tx)["acme"]
        (made,) = connectors.all_of(tx).values()
    assert (acme.settings["from"], acme.is_two_way) == (BOT_EMAIL, False)
    assert [(pair["case"], pair["name"]) for pair in made.priorities] == [("P1", "P2"), ("P2", "P2")]


def test_whoever_interrupts_it_is_told_what_is_done(home: Path, pagerduty: Simulator, store: Database) -> None:
    with terminal(home, "init") as asked:
        connect(asked, pagerduty)
        asked.interrupt("The service that incidents are opened on")
        code, seen = asked.end(), asked.seen
    assert code == 130
    assert "Interrupted. acme is connected to simulated.pagerduty.com" in seen
    assert "`syncd init` goes on from there." in seen
    with store.read() as tx:
        assert connectors.all_of(tx) == {}
    with terminal(home, "init") as asked:
        asked.answer("The service that incidents are opened on", "Checkout")
        asked.answer("Are these pairs of priorities right?", "y")
        assert asked.end() == 0, asked.seen
        assert "acme is connected already" in asked.seen


def test_interrupted_at_once_nothing_is_stored(home: Path, store: Database) -> None:
    with terminal(home, "init") as asked:
        asked.interrupt("A name for the account")
        assert asked.end() == 130
        assert "Interrupted. Nothing was stored." in asked.seen
    with store.read() as tx:
        assert [one for one in integrations.all_of(tx).values() if one.system == "pagerduty"] == []
