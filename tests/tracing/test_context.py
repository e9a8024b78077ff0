"""A trace context is read as W3C says, and whatever is none is as if nothing had been sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.tracing import context, spans

ID, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{ID}-{SPAN}-01"
_HEX = "0123456789abcdef"
some_id = st.text(_HEX, min_size=32, max_size=32).filter(lambda it: set(it) != {"0"})
some_span = st.text(_HEX, min_size=16, max_size=16).filter(lambda it: set(it) != {"0"})
some_flags = st.text(_HEX, min_size=2, max_size=2)


@given(some_id, some_span, some_flags)
def test_what_is_valid_is_kept_as_it_is(trace_id: str, span_id: str, flags: str) -> None:
    header = context.written(trace_id, span_id, flags)
    assert context.valid(header) == context.valid(f" {header} ") == header
    assert context.id_of(header) == trace_id


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        GOOD.upper(),
        f"ff-{ID}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID}-{SPAN}-01-more",
        f"00-{ID}-{SPAN}",
        f"00-{ID[:-1]}-{SPAN}-01",
        f"{GOOD}, {GOOD}",
        f"00-{ID}-{SPAN}-0\N{FULLWIDTH DIGIT ONE}",
    ],
)
def test_what_is_none_is_passed_over(header: str) -> None:
    assert context.valid(header) == ""


@given(st.text(max_size=80))
def test_no_text_breaks_it_and_what_is_kept_is_short(text: str) -> None:
    assert len(context.valid(text)) in {0, 55}


def test_of_a_later_version_what_we_know_of_is_read() -> None:
    assert context.valid(f"cc-{ID}-{SPAN}-01-what-comes-later") == GOOD


def test_what_runs_under_one_knows_it_and_another_begins_elsewhere() -> None:
    assert context.current() == ""
    with context.under(GOOD):
        assert (context.begun(), context.current_id()) == (GOOD, ID)
        with context.under(""):
            assert context.current() == ""
        assert context.current() == GOOD
    first, second = context.begun(), context.begun()
    assert context.valid(first) == first
    assert context.id_of(first) != context.id_of(second)


def test_each_request_is_a_step_of_its_own_on_the_same_way() -> None:
    assert spans.outgoing() == "", "what belongs to no change is no part of a trace"
    with context.under(GOOD):
        first, second = spans.outgoing(), spans.outgoing()
    assert context.id_of(first) == context.id_of(second) == ID
    assert len({first, second, GOOD}) == 3
    assert context.valid(first) == first
