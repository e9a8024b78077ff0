"""A file of anybody's is read, or refused in words; nothing else comes of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.toml import DEPTH, NoToml, blanked, line_of, parsed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = 1\nb\n", "Expected '=' after a key in a key/value pair (on line 2)"),
        ('\na = "no end', "Unterminated string (on line 2)"),
        ("y = 1\nx = " + "1" * 5_000, "A number is too large (on line 2)"),
        ("x = 0x" + "f" * 5_000, "A number is too large"),
        ('x = """[\n"""\ny = ' + "[" * 5_000, "It is nested deeper than 64 levels (on line 3)"),
        ("x = " + "{a=" * 5_000, "It is nested deeper than 64 levels (on line 1)"),
        ("\n" + "a . " * 50_000 + "a = 1", "It is nested deeper than 64 levels (on line 2)"),
        ("a = {" + "a." * 40 + "a = {" + "a." * 40 + "a = 1}}", "It is nested deeper than 64 levels"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, says: str) -> None:
    with pytest.raises(NoToml) as caught:
        parsed(text)
    assert caught.value.told == says


def test_what_can_be_read_is_read() -> None:
    assert parsed("\ufeffa = 1\nb.c = [[9223372036854775807]]\n") == {"a": 1, "b": {"c": [[2**63 - 1]]}}
    assert parsed("x = " + "[" * (DEPTH - 1) + "1" + "]" * (DEPTH - 1))["x"]
    assert parsed('x = """' + "a." * 100 + "[" * 100 + '"""')["x"], "which is a text"


@given(st.text(alphabet="[]{}=.\"'\\#\n 0x_1aeT:-+", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NoToml):
        assert repr(parsed(text))


@given(st.text(alphabet="\"'\\#\n a", max_size=60))
def test_whatever_begins_a_text_is_taken_with_it(text: str) -> None:
    """Where one that has no end were left, everything behind it would be looked at again from there: a square of the text."""
    plain = blanked(text)
    assert [len(line) for line in plain.split("\n")] == [len(line) for line in text.split("\n")]
    assert not {"'", "#"} & set(plain)


_LINED = """\
# a = 1
a = 1
[b]
c.d = 2
text = '''
e = 3
[f]
'''
[b."x y"]
e = 4
[[g]]
h = { i = 5 }
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["a"], 2),
        (["b"], 3),
        (["b", "c", "d"], 4),
        (["b", "text"], 5),
        (["b", "e"], 3),
        (["b", "x y", "e"], 10),
        (["b", "x y", "z"], 9),
        (["g", "h", "i"], 12),
        (["f"], 1),
        ([], 1),
    ],
)
def test_a_key_is_found_on_its_line_or_at_what_holds_it(keys: list[str], line: int) -> None:
    assert line_of(_LINED, keys) == line
    assert line_of(f"\ufeff{_LINED}", keys) == line
