"""Whatever somebody wrote: it moves no cursor, is no formula, calls nobody, and reads as it did."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.core import harmless, wording
from syncd.core.capabilities import Capabilities

JOINER = "\N{WORD JOINER}"
#: Escapes of terminals old and new, turned reading, line ends of every alphabet, formulas, mentions, links.
MOVING = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x08", "\r", "\n", "\u2028", "\u202e", "\u2066", "\x00"]
CALLING = ["@here", "@channel", "[~admin]", "<!channel>", "<@U123>", "<http://evil|bank>", "[bank](http://evil)"]
FORMULAS = ["=1+1", "+", "-", "@SUM(1)", "\t="]
PLAIN = ["ann@example.com", "a", " ", "é", "日", "&amp;", "\U0001f469\u200d\U0001f4bb"]
WILD = st.lists(st.sampled_from(MOVING + CALLING + FORMULAS + PLAIN), max_size=12).map("".join)
TEXT = WILD | st.text(max_size=200)


@given(TEXT)
def test_what_a_terminal_is_shown_moves_nothing(text: str) -> None:
    assert harmless.printable(text).isprintable()
    assert all(line.isprintable() for line in harmless.printable_lines(text).split("\n"))
    assert harmless.printable_lines(text).count("\n") == text.count("\n")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\xa0"), max_size=50))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert harmless.printable(text) == "".join(each if each.isprintable() else " " for each in text)
    if text.isprintable():
        assert harmless.printable(text) == text


@given(TEXT)
def test_json_means_the_same_and_is_harmless(text: str) -> None:
    value = {"text": text, "of": [text]}
    for indent in (None, 2):
        told = harmless.in_json(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(told) == value
        assert all(line.isprintable() for line in told.split("\n"))


@given(TEXT)
def test_no_cell_is_a_formula_and_each_row_is_one_line(text: str) -> None:
    cell = harmless.in_cell(text)
    assert cell[:1] not in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow([cell, "end"])
    assert written.getvalue().count("\n") == 1
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([1, text, "end"])
    assert harmless.may_harm_in_line(line.getvalue()) or cell == text


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("=1", "'=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff20SUM(1)", "'\uff20SUM(1)"),
        ("\t=1", "' =1"),
        ("\n+1", " +1"),
        ("a\u202eb", "a b"),
        ("a-b", "a-b"),
        ("", ""),
    ],
)
def test_cells(text: str, mended: str) -> None:
    assert harmless.in_cell(text) == mended


@given(TEXT)
def test_a_chat_is_given_no_link_no_mention_and_no_sign_of_its_own(text: str) -> None:
    told = harmless.in_chat(f"{text} @here @channel <!channel> <@U1> [a](http://evil)")
    assert not {"<", ">"} & set(told)
    assert not [sign for sign in ("@here", "@channel", "@U1", "](") if sign in told]
    assert told.isprintable() or told.replace(JOINER, "").isprintable()


@given(TEXT)
@example("mail ann@example.com and @ann")
def test_what_was_typed_is_changed_by_nothing_but_the_joiner(text: str) -> None:
    calm = harmless.without_mentions(text)
    assert calm.replace(JOINER, "") == text.replace(JOINER, "")
    assert harmless.without_mentions(calm) == calm, "once is enough"


def test_an_address_stays_one_and_a_mention_is_none() -> None:
    assert harmless.without_mentions("write to ann.lee@example.com") == "write to ann.lee@example.com"
    assert harmless.without_mentions("@ann, see [~bob]") == f"@{JOINER}ann, see [~{JOINER}bob]"


@given(TEXT)
def test_a_note_is_calm_where_names_call_people_and_untouched_elsewhere(text: str) -> None:
    calls, does_not = Capabilities(calls_people=True), Capabilities()
    assert wording.as_note(text, does_not) == wording.fit(text, does_not.max_note)
    assert wording.as_note(text, calls) == wording.fit(harmless.carried(text), calls.max_note)


@given(TEXT)
def test_what_is_carried_moves_nothing_calls_nobody_and_keeps_its_words(text: str) -> None:
    calm = harmless.carried(f"{text} @here [~bob] <!channel> <@U1>")
    assert not [each for each in calm if unicodedata.category(each) == "Cc" and each not in "\n\t"]
    assert not [
        each
        for each in calm
        if unicodedata.bidirectional(each) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]
    assert not [sign for sign in (" @here", "[~bob", "<!channel", "<@U1") if sign in calm]
    assert harmless.carried(calm) == calm, "it is known by its text when it comes back"


@pytest.mark.parametrize(
    ("text", "calm"),
    [
        ("\x1b[2Jx \u202eabc @here <!channel> [~bob]", f" [2Jx abc @{JOINER}here <!{JOINER}channel> [~{JOINER}bob]"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("ann@example.com https://x.example/@a?b=1&c <https://x.example|y>",) * 2,
        ("\u05e9\u05dc\u05d5\u05dd \U0001f469\u200d\U0001f4bb a < b !c",) * 2,
    ],
)
def test_what_is_carried(text: str, calm: str) -> None:
    assert harmless.carried(text) == calm
