"""A personal key writes as its owner, whoever else is named: what is ours is what the owner does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining.accounts import rotate
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.oauth import authorising
from syncd.connections.open import Connections
from syncd.console.told_joining import rotated
from syncd.errors import Misconfigured
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connection_log, integrations
from tests.connections.oauth_site import agreed, begun, register
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


def _connected(setup: Setup, pagerduty: Simulator, key: str, email: str = BOT_EMAIL) -> None:
    add_pagerduty(setup, "acme", api_key=key, email=email, terms=TERMS, where=pagerduty.account.api_url)


def _writes_as(setup: Setup, key: str, email: str = "") -> str:
    _, says = rotated(setup, "acme", key, email=email, by="Eve")
    assert stored(setup, "acme").writes_as in says
    return says.partition("Writes go out as ")[2]


def test_a_key_of_the_account_after_a_personal_one_writes_as_the_address_that_was_chosen(
    setup: Setup, pagerduty: Simulator
) -> None:
    _connected(setup, pagerduty, KEYS.full)
    assert _writes_as(setup, KEYS.user) == f"{ANA} (was {BOT_EMAIL})."
    assert _writes_as(setup, KEYS.user) == f"{ANA} (as before)."
    assert _writes_as(setup, KEYS.full) == f"{BOT_EMAIL} (was {ANA})."
    with setup.db.read() as tx:
        told = [one.detail for one in connection_log.listing(tx, "acme") if "go out as" in one.detail]
    assert sorted(told) == [
        f"Writes go out as {ANA} (was {BOT_EMAIL}).",
        f"Writes go out as {BOT_EMAIL} (was {ANA}).",
    ]


def test_the_address_that_was_chosen_counts_also_once_the_owner_of_the_personal_key_has_left(
    setup: Setup, pagerduty: Simulator
) -> None:
    _connected(setup, pagerduty, KEYS.full)
    rotate(setup, "acme", KEYS.user)
    pagerduty.people.deactivate("Ana Lima")
    rotate(setup, "acme", KEYS.full)
    assert stored(setup, "acme").writes_as == BOT_EMAIL


def test_an_address_that_is_chosen_beside_a_personal_key_counts_with_the_next_key_of_the_account(
    setup: Setup, pagerduty: Simulator
) -> None:
    _connected(setup, pagerduty, KEYS.user, email="")
    rotate(setup, "acme", KEYS.user, email="ben.osei@example.com")
    assert stored(setup, "acme").writes_as == ANA
    rotate(setup, "acme", KEYS.full)
    assert stored(setup, "acme").writes_as == "ben.osei@example.com"


def test_where_nobody_has_chosen_writes_go_on_as_whoever_it_was_and_that_is_said(
    setup: Setup, pagerduty: Simulator
) -> None:
    _connected(setup, pagerduty, KEYS.user, email="")
    (said,) = (one for one in rotate(setup, "acme", KEYS.full) if "Nobody has chosen" in one)
    assert f"they go on as {ANA}" in said
    rotate(setup, "acme", KEYS.user)
    pagerduty.people.deactivate("Ana Lima")
    with pytest.raises(
        Misconfigured, match=f"no user with the e-mail address {ANA}; our writes were made as that user"
    ):
        rotate(setup, "acme", KEYS.full)


def test_of_an_account_of_an_earlier_release_the_address_in_use_is_taken_for_the_chosen_one(
    setup: Setup, pagerduty: Simulator
) -> None:
    _connected(setup, pagerduty, KEYS.full)
    kept = dict(stored(setup, "acme").settings)
    del kept[integrations.CHOSEN_SENDER]
    with setup.db.write() as tx:
        integrations.configure(tx, "acme", kept)
    rotate(setup, "acme", KEYS.user)
    rotate(setup, "acme", KEYS.full)
    assert stored(setup, "acme").writes_as == BOT_EMAIL
    by_token = replace(stored(setup, "acme"), settings={**kept, "auth": "scoped"})
    assert by_token.chosen_sender == "", "whoever agreed was chosen by nobody"


def test_a_key_after_oauth_writes_as_the_address_that_was_chosen_before(setup: Setup, pagerduty: Simulator) -> None:
    _connected(setup, pagerduty, KEYS.full, email="ben.osei@example.com")
    register(pagerduty)
    done = authorising.finish(setup, agreed(begun(setup, pagerduty, is_agreed="no")))
    assert f"Writes go out as {ANA} from now on (was ben.osei@example.com)." in done.warnings
    assert stored(setup, "acme").writes_as == ANA
    rotate(setup, "acme", KEYS.full)
    assert stored(setup, "acme").writes_as == "ben.osei@example.com"
