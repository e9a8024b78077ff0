"""The first page, and the page of a code."""

from __future__ import annotations

import pytest

from syncd.console.looks import _commands
from syncd.core.api_codes import API_CODES
from syncd.core.changes import Side
from syncd.core.diagnostics import CATALOGUE
from syncd.core.permissions import Role

from .operated import Operated


def test_whoever_comes_in_stands_on_the_overview(operated: Operated) -> None:
    assert operated.client.get("/").headers["location"] == "/overview"


def test_it_says_what_waits_and_what_to_do(operated: Operated) -> None:
    operated.world.ask_for_incident()
    operated.world.drain()
    operated.world.comment(Side.CASE, "C-1", "Rolling back.")
    operated.world.plan()
    operated.world.clock.forward(700)
    words = operated.words("/overview")
    assert "1 links that are open 1 · 12 min changes on their way" in words
    assert "The oldest change has waited for 700 s" in words
    assert "No worker is running." in words
    assert "pagerduty connected both ways 0" in words


def test_it_draws_what_was_carried_over_and_how_long_that_took(operated: Operated) -> None:
    assert "nothing was carried over" in operated.words("/overview")
    operated.world.ask_for_incident()
    operated.world.drain()
    operated.world.comment(Side.INCIDENT, "I-1", "Rolling back.")
    operated.world.drain()
    assert "nothing was carried over" in operated.words("/overview"), "a drawing is good for a while"
    operated.world.clock.forward(11)
    page, words = operated.see("/overview"), operated.words("/overview")
    applied = sum(row["outcome"] == "applied" and row["e2e_ms"] is not None for row in operated.world.rows())
    assert f"{applied} carried over: half within 0.0 s (light), 95 % within 0.0 s (dark)" in words
    assert page.count("<polyline") == 2
    assert '<a href="/deliveries?q=at%3A2026-11-21T' in page


def test_the_bar_names_the_rooms_that_a_role_may_enter_and_where_one_is(operated: Operated) -> None:
    page = operated.see("/links")
    assert '<a href="/links" aria-current="page">Links</a>' in page
    assert page.count("aria-current=") == 2  # The room, and which of its links are shown.
    operated.sign_in_as(Role.VIEWER)
    words = operated.words("/overview")
    assert ("Conflicts" in words, "Settings" in words) == (True, False)


@pytest.mark.parametrize("code", [*CATALOGUE, *API_CODES])
def test_every_code_has_a_page(operated: Operated, code: str) -> None:
    entry = CATALOGUE.get(code) or API_CODES[code]
    words = operated.words(f"/codes/{code}")
    assert entry.who in words.replace("&#39;", "'")
    assert f"syncd explain {code}" in words


def test_a_code_in_small_letters_is_found_and_another_is_not(operated: Operated) -> None:
    assert "PAG-100-B" in operated.words("/codes/pag-100-b")
    assert "There is no code SYN-NONE" in operated.see("/codes/syn-none", 404)


def test_what_stands_between_backticks_is_something_to_type() -> None:
    assert _commands("See `syncd up` & go.") == "See <code>syncd up</code> &amp; go."
    assert _commands("One ` alone <b>") == "One ` alone &lt;b&gt;"
