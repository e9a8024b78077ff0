"""JSON from strangers: what is refused, what is cleaned, and that reading it never fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.systems.document import (
    DEPTH,
    NotADocument,
    cleaned,
    parse,
    pick,
    pick_list,
    pick_name,
    pick_text,
    pick_time,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        '{"a": Infinity}',
        "[-Infinity]",
        "1e999",
        "9" * 5000,
        "[" * 100_000,
        "[" * (DEPTH + 1) + "]" * (DEPTH + 1),
        '{"a":' * (DEPTH + 1) + "1" + "}" * (DEPTH + 1),
    ],
)
def test_what_nothing_honest_sends_is_refused(text: str) -> None:
    with pytest.raises(NotADocument):
        parse(text)


def test_the_deepest_that_is_taken() -> None:
    assert json.dumps(parse("[" * DEPTH + "]" * DEPTH)).count("[") == DEPTH


def test_what_postgresql_refuses_is_replaced_in_names_and_values() -> None:
    assert parse(r'{"a\u0000": ["\ud800x", "\ud83d\ude00"]}') == {"a\ufffd": ["\ufffdx", "😀"]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)


@given(json_values)
def test_ordinary_json_passes_and_can_be_stored(value: object) -> None:
    kept = parse(json.dumps(value))
    assert "\x00" not in json.dumps(kept, ensure_ascii=False)
    json.dumps(kept, ensure_ascii=False).encode()  # A lone surrogate would refuse to be encoded.
    assert cleaned(kept) == kept


@given(json_values, st.lists(st.sampled_from(["event", "data", "id", ""]), max_size=4))
def test_reading_never_fails(value: object, path: list[str]) -> None:
    pick(value, *path)
    assert isinstance(pick_text(value, *path), str)
    assert isinstance(pick_name(value, *path), str)
    assert isinstance(pick_list(value, *path), list | tuple)
    at = pick_time(value, *path)
    assert at is None or at.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "name"),
    [("P1", "P1"), (7, "7"), (True, ""), (None, ""), (1.5, ""), ([], ""), ("x" * 255, "x" * 255), ("x" * 256, "")],
)
def test_a_name_is_short_text_or_a_number(value: object, name: str) -> None:
    assert pick_name({"id": value}, "id") == name


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-21T12:00:00Z", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21T12:00:00.169Z", datetime(2026, 11, 21, 12, 0, 0, 169_000, tzinfo=UTC)),
        ("2026-11-21T14:00:00+02:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("2026-11-21T12:00:00", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times(text: str, at: datetime | None) -> None:
    assert pick_time({"at": text}, "at") == at
