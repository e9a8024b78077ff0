"""A personal key writes as its owner, whoever else is named: what is ours is what the owner does."""

from __future__ import annotations

from syncd.connections.joining.accounts import rotate
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from tests.parts.terms import TERMS

from .test_accounts import ANA, stored


def test_what_a_personal_key_writes_is_its_owners_and_known_as_ours_whoever_else_is_named(
    setup: Setup, pagerduty: Simulator
) -> None:
    reached = add_pagerduty(
        setup, "acme", api_key=KEYS.user, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url
    )
    said = f"Everything is written as {ANA}, its owner; {BOT_EMAIL} is not used with a personal key."
    assert (reached.sender, reached.warnings[1:]) == (ANA, (said,))
    assert said in rotate(setup, "acme", KEYS.user, email=BOT_EMAIL)
    assert stored(setup, "acme").settings["from"] == ANA
    connections = Connections(setup.db, setup.vault, setup.clock, outgoing=setup.outgoing)
    system, trip = connections.system(stored(setup, "acme")), setup.trip("test")
    incident = pagerduty.people.open("Checkout is slow", "Ben Osei").id
    system.add_note(trip, incident, "Rolling back.", "Ana", "m-1")
    assert [note.is_ours for note in system.notes(trip, incident)] == [True]
