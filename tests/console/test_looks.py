"""What somebody wrote has an effect on nothing but itself, wherever it is put into a page."""

from __future__ import annotations

from unicodedata import bidirectional, category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from syncd.console import looks
from syncd.console.looks import _TEMPLATES

_OPENS = {"LRE": "PDF", "RLE": "PDF", "LRO": "PDF", "RLO": "PDF", "LRI": "PDI", "RLI": "PDI", "FSI": "PDI"}


def shown(text: object) -> str:
    return _TEMPLATES.from_string("<title>{{ it }} · syncd</title>").render(it=text)


def test_a_direction_ends_with_the_words_that_it_was_written_in() -> None:
    assert shown("a\u202egnp.exe") == "<title>a\u202egnp.exe\u202c · syncd</title>"
    assert shown("\u2067a\u202eb") == "<title>\u2067a\u202eb\u202c\u2069 · syncd</title>"
    assert shown("\u202ea\u202c \u2068b\u2069") == "<title>\u202ea\u202c \u2068b\u2069 · syncd</title>"


def test_controls_are_shown_as_what_they_are_not() -> None:
    assert shown("a\x1b[31m\x07\x0b\x85b\n\tc") == "<title>a\ufffd[31m\ufffd\ufffd\ufffdb\n\tc · syncd</title>"
    assert shown(Markup("<b>\x1b</b>")) == "<title><b>\ufffd</b> · syncd</title>"


@given(st.text(alphabet="ab\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x85\n"))
def test_nothing_stays_open_and_no_control_is_sent(text: str) -> None:
    page = shown(text)
    assert {one for one in page if category(one) == "Cc"} <= {"\n"}
    opened: list[str] = []
    for kind in map(bidirectional, page):
        if kind in _OPENS:
            opened.append(_OPENS[kind])
        elif kind == "PDI" and "PDI" in opened:
            while opened.pop() != "PDI":
                pass
        elif kind == "PDF" and opened and opened[-1] == "PDF":
            opened.pop()
    assert opened == []


@pytest.mark.parametrize("url", ["http://case.test/C-1", "https://incident.test/I-1?tab=log#1"])
def test_a_web_address_becomes_a_link(url: str) -> None:
    assert looks._safe(url) == url


@given(st.text() | st.text().map("https://{}".format))
@example("http://[")
@example("https://[::1/x")
@example("javascript:alert(1)")
def test_nothing_else_does_and_no_address_breaks_a_page(url: str) -> None:
    assert looks._safe(url) in {"", url}
    assert not looks._safe(url) or url.strip().lower().startswith(("http", "\x00"))
