"""A command that is named on a page leads to the page that is the same, and to no other."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match

from syncd.console import app, looks
from syncd.console.parts import Parts
from syncd.console.way import way
from syncd.core.diagnostics import CATALOGUE
from syncd.core.why.placed import PLACES


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("syncd deliveries list --outcome failed", "/deliveries?outcome=failed"),
        ("syncd deliveries list --case 'C S-1' --outcome=retrying", "/deliveries?case=C+S-1&outcome=retrying"),
        ("syncd deliveries list 'age<1h' http:5xx", "/deliveries?q=age%3C1h+http%3A5xx"),
        ("syncd deliveries replay 47 --yes", "/deliveries/47"),
        ("syncd deliveries replay ID --yes", "/deliveries"),
        ("syncd links compare 12", "/links/12"),
        ("syncd links show CS-1042", "/links?about=CS-1042"),
        ("syncd links list --state failed", "/links?show=failed"),
        ("syncd integrations rotate acme", "/integrations/acme"),
        ("syncd integrations webhook NAME --create", "/integrations"),
        ("syncd integrations list", "/integrations"),
        ("syncd conflicts list", "/conflicts"),
        ("syncd explain PAG-100-B", "/codes/PAG-100-B"),
        (
            "syncd why https://acme.pagerduty.com/incidents/Q1",
            "/why?ref=https%3A%2F%2Facme.pagerduty.com%2Fincidents%2FQ1",
        ),
        ("syncd cases show CS-1", "/cases/CS-1"),
        (".venv/bin/syncd status", "/overview"),
        ("syncd up", ""),
        ("syncd", ""),
        ("make demo", ""),
        ("it's", ""),
        ("", ""),
    ],
)
def test_a_command_leads_to_its_page(command: str, address: str) -> None:
    assert way(command) == address


@given(st.text(alphabet="syncd linkswhy/\"'-?&#:=<>é`1A."))
def test_whatever_somebody_wrote_between_backticks_leads_nowhere_but_to_a_page_of_ours(text: str) -> None:
    found = urlsplit(way(f"syncd {text}"))
    assert (found.scheme, found.netloc, found.fragment) == ("", "", "")
    assert found.path == "" or (found.path.startswith("/") and not found.path.startswith("//"))


def test_a_sentence_has_its_commands_as_links_and_nothing_else_of_what_people_wrote() -> None:
    shown = str(
        looks.piece(
            "code.html",
            code=_Code('<b>`syncd links show "1<2"`</b> and `rm -r x` `syncd up`'),
            frame=None,
            session=None,
        )
    )
    assert '<a href="/links?about=1%3C2"><code>syncd links show &#34;1&lt;2&#34;</code></a>' in shown
    assert "&lt;b&gt;" in shown
    assert "<code>rm -r x</code> <code>syncd up</code>" in shown


class _Code:
    """As much as its page needs."""

    cause = cure = cure_by_oauth = who = about = code = ""

    def __init__(self, cure: str) -> None:
        self.cure = cure


def test_where_what_helps_leads_there_is_a_page(parts: Parts) -> None:
    sentences = [*(one.cure for one in CATALOGUE.values()), *(place.remedy for place in PLACES.values())]
    commands = [piece for text in sentences for piece in text.split("`")[1::2]]
    routes = app.routes(parts)
    led = {address for one in commands if (address := way(one))}
    assert len(led) > 5
    for address in led:
        scope = {"type": "http", "method": "GET", "path": urlsplit(address).path, "headers": []}
        assert any(route.matches(scope)[0] is Match.FULL for route in routes), address
