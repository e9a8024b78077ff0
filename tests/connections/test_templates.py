"""A connector's words: what its author may write, what is refused before it is stored, and that people are called all the same."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.connections.templates import BODY, NAMES, TITLE, Words, checked, render
from syncd.core.changes import Actor, CaseOpened
from syncd.errors import Misconfigured

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
URL = "https://syncd.test/cases/CS-1"


def opened(title: str = "Disk full", body: str = "On db-3.", url: str = URL, by: str = "Ana") -> CaseOpened:
    return CaseOpened(title, body, "P2", "", url, Actor(by), NOON)


def test_our_own_words_name_the_case_and_where_it_is() -> None:
    assert render({}, "CS-1", opened()) == Words("Disk full", f"On db-3.\n\nCase CS-1: {URL}\nOpened by Ana")


def test_what_a_case_lacks_leaves_no_gap() -> None:
    assert render({}, "CS-1", opened(title="", body="", url="", by="")) == Words("CS-1", "Case CS-1")


def test_a_long_text_leaves_room_for_the_address() -> None:
    words = render({}, "CS-1", opened(title="t" * 5_000, body="b" * 60_000))
    assert words.title == "t" * 1_024
    assert len(words.body) <= 60_000
    assert words.body.endswith(f"Case CS-1: {URL}\nOpened by Ana")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("[{{ priority }}] {{ title }}", "[P2] Disk full"),
        ("{{ title|upper }} {{ by | default('nobody') }}", "DISK FULL Ana"),
        ("{{ 'Now: ' ~ title if priority == 'P2' else title }}", "Now: Disk full"),
        ("{% if priority in ('P1', 'P2') and not url %}!{% else %}{{ case }}{% endif %}", "CS-1"),
        ("{{ title[:4] }}", "Disk"),
        ("{# said by nobody #}plain words", "plain words"),
    ],
)
def test_what_an_author_may_write(template: str, text: str) -> None:
    assert checked(template) == template
    assert render({"title": template}, "CS-1", opened()).title == text
    assert render({"body": template}, "CS-1", opened()).body == text


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ titel }}", "it uses titel"),
        ("{% if false %}{{ titel }}{% endif %}", "it uses titel"),
        ("{{ title.__class__.__mro__ }}", "it uses getattr"),
        ("{{ title['__class__'] }}", "attribute '__class__' of 'str' object is unsafe"),
        ("{{ title|attr('__class__') }}", "it uses the filter attr"),
        ("{{ title.upper() }}", "it uses call"),
        ("{{ lipsum(n=1000000) }}", "it uses "),
        ("{% for x in range(10**9) %}{{ x }}{% endfor %}", "it uses "),
        ("{% for a in title %}{% for b in title %}x{% endfor %}{% endfor %}", "it uses "),
        ("{{ 'x' * 10**10 }}", "it uses mul"),
        ("{{ 10 ** 10 ** 10 }}", "it uses pow"),
        ("{{ '%1000000000d' % 1 }}", "it uses mod"),
        ("{{ title|center(1000000000) }}", "it uses the filter center"),
        ("{{ title|replace('', body) }}", "it uses the filter replace"),
        ("{% set x = title ~ title %}{{ x }}", "it uses assign"),
        ("{% macro m() %}x{% endmacro %}", "it uses macro"),
        ("{% include 'secrets' %}", "it uses include"),
        ("{{ title[9] }}", "has no element 9"),
        ("{{ title > 1 }}", "not supported between"),
        ("{{ title[::0] }}", "slice step cannot be zero"),
        ("{{ title", "unexpected end of template"),
        ("{% if title %}", "Unexpected end of template"),
        ("{{ " + "(" * 4_000 + "title" + ")" * 4_000 + " }}", "nested too deeply"),
        ("{% if title %}" * 110 + "x" + "{% endif %}" * 110, "nested too deeply"),
        ("x" * 10_001, "longer than 10000 characters"),
        ("{{ (" + "~".join(["body"] * 301) + ")" + "|title" * 120 + " }}", "more than 400 names"),
        ("{{ body }}" * 401, "more than 400 names"),
        ("{{ body" + "|upper" * 33 + " }}", "more than 32 filters"),
        ("{{ body" + "|title" * 5 + " }}", "4 times `title`"),
        ("{{ [body, body] }}{% if case in [body, body] %}{% endif %}", "a list that nothing is looked for in"),
    ],
)
def test_what_an_author_may_not_write_is_said_at_once(template: str, says: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Misconfigured) as caught:
        checked(template)
    sentence = str(caught.value)
    assert sentence.startswith("The template cannot be rendered: ")
    assert says in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert all(name in sentence for name in NAMES), "and what there is instead"
    assert time.monotonic() - begun < 10, "nothing that was written was carried out"


def test_a_template_that_fails_for_one_case_still_opens_its_incident() -> None:
    """It was stored by an earlier release, or lacks something nobody thought of."""
    words = render({"title": "{{ title[99] }}", "body": "{{ nothing }}"}, "CS-1", opened())
    assert words.title == "Disk full"
    assert words.body.startswith(f"On db-3.\n\nCase CS-1: {URL}")
    assert "has no element 99" in words.body
    assert "it uses nothing" in words.body


def test_the_fault_of_a_template_is_told_even_beside_a_long_text() -> None:
    words = render({"title": "{{ oops }}"}, "CS-1", opened(body="b" * 60_000))
    assert len(words.body) <= 60_000
    assert "it uses oops" in words.body


def test_our_own_words_are_allowed_too() -> None:
    assert checked(TITLE) == TITLE
    assert checked(BODY) == BODY


@given(title=st.text(max_size=50), body=st.text(max_size=50), by=st.text(max_size=10))
def test_what_people_write_is_never_a_template(title: str, body: str, by: str) -> None:
    told = opened(title=f"{{{{ 1/0 }}}}{title}", body=f"{{% include 'x' %}}{body}", by=by)
    words = render({}, "CS-1", told)
    assert words.title == told.title.strip()
    assert told.body.strip() in words.body


@given(template=st.text(alphabet="{}%#'|~ [](): title body case if endif else \n0123", max_size=80))
def test_any_text_is_stored_or_refused_in_a_sentence(template: str) -> None:
    fault = fault_of(template)
    assert fault == "" or fault.startswith("The template cannot be rendered: ")
    body = render({"body": template}, "CS-1", opened()).body
    assert fault or "cannot be rendered" not in body


texts = st.sampled_from([*NAMES, "'ß'", "'a - b'"])
parts = st.recursive(
    texts,
    lambda it: st.one_of(
        st.tuples(it, it).map(lambda two: f"({two[0]} ~ {two[1]})"),
        st.tuples(it, it, it).map(lambda three: f"({three[0]} if {three[1]} in [{three[1]}] else {three[2]})"),
        st.tuples(it, st.sampled_from(["upper", "lower", "title", "capitalize", "trim(body)", "d(body, true)"])).map(
            lambda two: f"{two[0]}|{two[1]}"
        ),
        it.map(lambda one: f"{one}[1:]"),
    ),
    max_leaves=30,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(parts, min_size=1, max_size=5), st.integers(1, 300), st.sampled_from(["-a", "ß ", "ΐ", "\u0130"]))
def test_whatever_is_accepted_works_on_no_more_than_its_parts_times_the_longest_text(
    shown: list[str], times: int, sign: str
) -> None:
    template = "".join(f"{{{{ {one} }}}}" for one in shown) + f"{{{{ {'~'.join([shown[0]] * times)} }}}}"
    if fault_of(template):
        return
    words: dict[str, str] = {}
    told = opened(title=sign * 29_000, body=sign * 29_000, by=sign * 29_000)
    texts = handed_over(lambda: words.update(body=render({"body": template}, "CS-1", told).body))
    assert max(texts, default=0) <= 3 * 60_000, "which a filter makes of the longest there is, before it is cut"
    assert sum(texts) <= 500 * 60_000
    assert len(words["body"]) <= 60_000


def handed_over(act: Callable[[], object]) -> list[int]:
    """How long each text was that one function gave to another."""
    found: list[int] = []

    def seen(_frame: FrameType, event: str, given: object) -> None:
        if event == "return" and isinstance(given, str):
            found.append(len(given))

    sys.setprofile(seen)
    try:
        act()
    finally:
        sys.setprofile(None)
    return found


def test_a_stored_template_that_would_never_end_gives_way_to_our_words() -> None:
    """An earlier release took it."""
    words = render({"body": "{{ (" + "~".join(["body"] * 301) + ")" + "|title" * 120 + " }}"}, "CS-1", opened())
    assert words.body.startswith(f"On db-3.\n\nCase CS-1: {URL}")
    assert "it has more than 400 names" in words.wrong


def fault_of(template: str) -> str:
    try:
        checked(template)
    except Misconfigured as error:
        return str(error)
    return ""
