"""Rules on a page are words of people, and no values of a program."""

from __future__ import annotations

import re

import pytest

from syncd.evidence.report.html import page
from syncd.evidence.report.plain import rules_as_json
from syncd.evidence.report.spoken import spoken
from syncd.evidence.rules.values import Critical, Rules
from tests.evidence.report.made import as_json


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, "yes"),
        (False, "no"),
        (30, "30"),
        (0, "0"),
        ("", "none"),
        ([], "none"),
        (["P1", "P2"], "P1, P2"),
        ({"ids": [], "names": ["feed*", "till"]}, "ids: none; names: feed*, till"),
        ({"P1": {"acknowledge": 5, "resolve": 240}}, "P1: acknowledged within 5 min, resolved within 4 h"),
        (
            {"*": {"acknowledge": 90, "resolve": 1500}},
            "every other priority: acknowledged within 1 h 30 min, resolved within 1 d 1 h",
        ),
    ],
)
def test_each_kind_of_value(value: object, told: str) -> None:
    assert spoken(value) == told


def test_no_rule_of_a_report_is_written_as_a_program_writes_it() -> None:
    rules = rules_as_json(Rules(critical=Critical(names=("feed*",))))
    assert not re.search(r"[\[\]{}'\"]|True|False|None", " ".join(map(spoken, rules.values())))
    shown = page(as_json())
    listed = shown[shown.index('id="rules"') :]
    assert "<code>noted_priorities</code></th><td>P1, P2</td>" in listed
    assert "<code>with_case</code></th><td>yes</td>" in listed
