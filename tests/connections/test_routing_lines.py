"""Where something stands in a TOML file, whatever its texts and comments say."""

from __future__ import annotations

import tomllib

import pytest

from syncd.connections.routing.lines import Lines

FILE = '''# [[routes]]
[[presets]]
name = "Urgent"
body = """
[[routes]]
name = "not a rule"
"""
priorities = {P1 = "SEV-1"}

[[routes]]   # the first
name = 'a "[[routes]]"'
team = [
  "x = 1",
]

[[ routes ]]
connector = "c"
 name = "b"
'''


@pytest.mark.parametrize(
    ("table", "index", "key", "line"),
    [
        ("presets", 0, "", 2),
        ("presets", 0, "name", 3),
        ("presets", 0, "priorities", 8),
        ("presets", 0, "urgency", 2),
        ("routes", 0, "name", 11),
        ("routes", 0, "team", 12),
        ("routes", 1, "", 16),
        ("routes", 1, "connector", 17),
        ("routes", 1, "name", 18),
        ("routes", 1, "x", 16),
        ("", 0, "nowhere", 1),
    ],
)
def test_a_key_is_found_where_it_stands(table: str, index: int, key: str, line: int) -> None:
    assert len(tomllib.loads(FILE)["routes"]) == 2, "as TOML itself reads it"
    assert Lines(FILE).line(table, index, key) == line


def test_a_part_of_a_table_and_a_list_on_one_line_are_found_where_they_begin() -> None:
    text = '[[presets]]\nname = "a"\n[presets.priorities]\nP1 = "x"\n'
    assert Lines(text).line("presets", 0, "priorities") == 3
    assert Lines('\nroutes = [\n  {name = "a"},\n]\n').line("routes", 0, "name") == 2
