"""What changed between two answers."""

from __future__ import annotations

from dataclasses import replace

from syncd.evidence.facts.dataset import Name
from syncd.evidence.report.changes import changes
from tests.evidence.account import GOOD, RULES, dataset, facts, incident

from .made import as_json, wrong


def test_nothing_changed_between_the_same() -> None:
    assert changes(as_json(wrong()), as_json(wrong())) == []


def test_results_subjects_and_counts_that_changed_are_named() -> None:
    found = changes(as_json(), as_json(wrong()))
    results = {one.check: (one.before, one.after) for one in found if one.what == "result"}
    assert results["SVC-01"] == ("pass", "fail")
    came = {(one.check, one.subject) for one in found if one.what == "came"}
    assert ("SVC-01", "S2") in came
    back = changes(as_json(wrong()), as_json())
    assert {(one.check, one.subject) for one in back if one.what == "went"} == came
    assert {one.name: (one.before, one.after) for one in found if one.what == "count"}["schedules"] == (1, 2)


def test_an_acceptance_is_another_state_and_neither_came_nor_went() -> None:
    without = as_json(wrong())
    for one in without["exceptions"]:
        if one["check"] == "SVC-05":
            one["state"] = "open"
    (state,) = [one for one in changes(without, as_json(wrong())) if one.what in {"state", "came", "went"}]
    assert (state.what, state.check, state.subject, state.before, state.after) == (
        "state",
        "SVC-05",
        "S2",
        "open",
        "accepted",
    )


def test_rules_that_changed_are_told_with_both_values() -> None:
    found = changes(as_json(), as_json(rules=replace(RULES, levels=3)))
    assert [(one.name, one.before, one.after) for one in found if one.what == "rule"] == [("levels", 2, 3)]


def test_incidents_are_counted() -> None:
    fewer = facts(dataset(Name.INCIDENTS, incident()), of=GOOD)
    found = changes(as_json(), as_json(fewer))
    assert {one.name: (one.before, one.after) for one in found if one.what == "count"}["incidents"] == (11, 1)
