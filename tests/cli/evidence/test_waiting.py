"""Whoever waits for a collecting waits no longer than that helps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.cli.evidence.waiting import Hindered, Progress
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.evidence.facts.dataset import Name
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from tests.console.access import add_account

NAMES = (Name.ABILITIES, Name.LICENCES)


@pytest.fixture
def found(db: Database) -> list[Collection]:
    add_account(db, "acme")
    with db.write() as tx:
        integrations.configure(tx, "acme", {integrations.EVIDENCE: True})
        now = db.now(tx)
        asked = [collections.ask(tx, "acme", one, due_at=None, since=None, by="Ana", now=now) for one in NAMES]
    return [one for one in asked if one is not None]


@pytest.fixture
def hindered(db: Database) -> Hindered:
    return Hindered(db, Connections(db, Vault(generate_key()), db.clock), db.clock)


def test_what_may_go_on_is_waited_for(hindered: Hindered, found: list[Collection]) -> None:
    assert hindered.told_of(found, "acme") is None
    hindered.by(found[0], Misconfigured("The file is gone; name another."))
    assert hindered.told_of(found, "acme") is None, "the other one goes on"
    done = [found[0], replace(found[1], state=collections.DONE)]
    assert str(hindered.told_of(done, "acme")) == "The file is gone; name another."
    taken_up = [replace(found[0], state=collections.RUNNING), done[1]]
    assert hindered.told_of(taken_up, "acme") is None, "somebody else has taken it up"
    assert hindered.told_of([replace(one, state=collections.DONE) for one in found], "acme") is None


def test_an_account_that_is_paused_switched_off_or_gone_is_not(
    db: Database, hindered: Hindered, found: list[Collection]
) -> None:
    with db.write() as tx:
        integrations.pause(tx, "acme", by="Ben", why="a move", at=db.now(tx))
    paused = hindered.told_of(found, "acme")
    assert isinstance(paused, Conflict)
    assert "paused by Ben" in str(paused)
    assert str(paused).endswith("`syncd integrations resume acme` lets it go on.")
    with db.write() as tx:
        integrations.resume(tx, "acme")
        integrations.configure(tx, "acme", {integrations.EVIDENCE: False})
    assert "--evidence on" in str(hindered.told_of(found, "acme"))
    assert isinstance(hindered.told_of(found, "gone"), NotFound)


def test_a_line_is_told_once(found: list[Collection], capsys: pytest.CaptureFixture[str]) -> None:
    plain, drawn = Progress(is_at_terminal=False), Progress(is_at_terminal=True)
    waits = replace(found[0], detail="PagerDuty asks to wait 9 s.")
    done = replace(found[0], state=collections.DONE, records=3, requests=2)
    for one in (plain, drawn):
        for moment in (found, found, [waits, found[1]], [done, found[1]], [done, found[1]]):
            one.tell(moment)
    assert capsys.readouterr().err.splitlines() == [
        "abilities waits: PagerDuty asks to wait 9 s.",
        "abilities: 3 records, 2 requests",
        "0 of 2 datasets",
        "0 of 2 datasets, abilities: 0 requests (PagerDuty asks to wait 9 s.)",
        "1 of 2 datasets",
    ]
