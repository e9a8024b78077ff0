"""`syncd init` at a real terminal: a person is asked in order, a wrong key is asked for again, and Ctrl-C leaves whole steps."""

from __future__ import annotations

from pathlib import Path

from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connectors, integrations
from syncd.store.database import Database
from tests.cli.init.terminal import Terminal, terminal
from tests.parts.ports import free_port

WRONG = "u+wrongkey0000000000"


def connect(asked: Terminal, pagerduty: Simulator) -> None:
    asked.answer("A name for the account", "acme")
    asked.answer("Its region", pagerduty.account.api_url)
    asked.answer("API key: ", f"  {WRONG}")
    asked.answer("API key (nothing: the same at another region): ", f" {KEYS.full} ")
    asked.answer("Do you consent?", "n")
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
    assert seen.count("Its region") == 1, "the key is asked for again, and nothing else"
    assert "Nothing can be connected without it" in seen
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


def test_where_it_is_can_be_said_again_and_what_is_no_region_is_not_repeated(
    home: Path, pagerduty: Simulator, store: Database
) -> None:
    with terminal(home, "init", "--name", "acme") as asked:
        asked.answer("Its region", KEYS.full)
        asked.answer("That is no region; give us, eu or an address", "")  # What is usual is still what is offered.
        asked.interrupt("API key: ")
        assert asked.end() == 130
        assert "address [us]: " in asked.seen.partition("That is no region")[2]
        assert asked.seen.count(KEYS.full) == 1, "as it was typed"
    nowhere = f"http://127.0.0.1:{free_port()}"
    with terminal(home, "init", "--name", "acme", "--where", nowhere) as asked:
        asked.answer("API key: ", KEYS.full)
        asked.answer("Its region: us, eu or an address: ", f"{pagerduty.account.api_url}/nothing/here")
        asked.answer("Its region: us, eu or an address: ", pagerduty.account.api_url)
        asked.interrupt("Do you consent?")
        assert asked.end() == 130
        assert "SYN-PAG-NETWORK" in asked.seen
        assert "Reached simulated.pagerduty.com" in asked.seen
        assert KEYS.full not in asked.seen


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
        asked.answer("Are these pairs of priorities right?", "")  # Enter agrees
        assert asked.end() == 0, asked.seen
        assert "acme is connected already" in asked.seen


def test_interrupted_at_once_nothing_is_stored(home: Path, store: Database) -> None:
    with terminal(home, "init") as asked:
        asked.interrupt("A name for the account")
        assert asked.end() == 130
        assert "Interrupted. Nothing was stored." in asked.seen
    with store.read() as tx:
        assert [one for one in integrations.all_of(tx).values() if one.system == "pagerduty"] == []


def test_of_a_personal_key_nobody_is_asked_for(home: Path, pagerduty: Simulator, store: Database) -> None:
    with terminal(home, "init") as asked:
        asked.answer("A name for the account", "acme")
        asked.answer("Its region", pagerduty.account.api_url)
        asked.answer("API key: ", KEYS.user)
        asked.answer("Do you consent?", "y")
        asked.answer("(two-way sync)?", "n")
        asked.interrupt("The service that incidents are opened on")
        asked.end()
    with store.read() as tx:
        assert integrations.all_of(tx)["acme"].settings["from"] == "ana.lima@example.com"
