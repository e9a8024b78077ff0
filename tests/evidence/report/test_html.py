"""The page: whole in itself, everything escaped, and everything that is wrong on it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from syncd.evidence.facts.account import Facts
from syncd.evidence.report.html import page

from .made import as_json, wrong

_VOID = {"meta", "rect", "line", "br"}


class _Read(HTMLParser):
    """What elements there are, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def test_it_needs_nothing_from_anywhere() -> None:
    text = page(as_json(wrong()))
    found = _Read(text)
    assert found.names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"} == set()
    assert [
        one for one in found.attributes if one[0] in {"src", "href", "style", "action"} or one[0].startswith("on")
    ] == []
    assert re.findall(r"url\(|@import|https?://", text) == []
    assert "default-src 'none'" in text


def test_what_others_wrote_is_text_and_turns_nothing_around() -> None:
    text = page(as_json(wrong()))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "no &lt;b&gt;timeouts&lt;/b&gt; there" in text
    assert "\u202e" not in text


def test_every_element_is_closed_in_its_place() -> None:
    for of in (as_json(), as_json(wrong()), as_json(Facts())):
        assert _Read(page(of)).open == []


def test_it_tells_each_check_each_gap_and_each_exception() -> None:
    found = as_json(wrong())
    text = page(found)
    for one in found["controls"]:
        assert one["check"] in text
    assert "2026-11-19 12:00" in text
    assert "schedule.layers is missing" in text
    assert "accepted until 2026-11-26 12:00 by L. Chen" in text
    assert "The key sees all of the account." in text
    assert text.count("<svg") == 24 + 2


def test_the_same_report_is_the_same_page() -> None:
    assert page(as_json(wrong())) == page(as_json(wrong()))


def test_of_very_many_exceptions_the_rest_is_counted() -> None:
    found = as_json(wrong())
    one = next(each for each in found["exceptions"] if each["check"] == "SVC-01")
    found["exceptions"] = [{**one, "subject": f"S{at}", "name": f"service {at}"} for at in range(507)]
    text = page(found)
    assert "and 7 more, which the files have" in text
    assert "service 499" in text
    assert "service 500" not in text
