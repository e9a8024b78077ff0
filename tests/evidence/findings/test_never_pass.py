"""Whatever was not read, nothing that needs it passes: over every dataset, every part, every reason, and several at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import EVERY, SHOWN, Lack, Missing, Name
from syncd.evidence.findings.catalogue import CATALOGUE, CHECKS
from syncd.evidence.findings.judging import Result, findings
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span, minus
from tests.evidence.account import GOOD, NOW, RULES, dataset, facts, found

_JUDGED = [name for name in Name if name not in SHOWN]
_PARTS = {name: sorted(row.id for row in GOOD.of(name).rows) for name in _JUDGED}
_LACKS = st.sampled_from([why for why in Lack if why is not Lack.PLAN])
_NAMES = st.sampled_from(_JUDGED)


def _without(of: Facts, name: Name, missing: Missing) -> Facts:
    return replace(of, **{FIELDS[name]: of.of(name).without(missing)})  # type: ignore[arg-type]


@st.composite
def _unread(draw: st.DrawFn) -> tuple[Facts, frozenset[Name]]:
    """The account in order, of which some datasets were never collected, are old, or lack a part; and which those are."""
    left, names = GOOD, draw(st.sets(_NAMES, min_size=1, max_size=4))
    for name in names:
        timed = ["hole"] if name is Name.INCIDENTS else []
        how = draw(st.sampled_from(["never", "old", "all", "part", "unnamed", *timed]))
        lack = draw(_LACKS)
        if how == "never":
            left = facts(dataset(name, collected_at=None), of=left)
        elif how == "old":
            old = NOW - 2 * EVERY[name] - timedelta(seconds=draw(st.integers(1, 10**6)))
            left = facts(dataset(name, *left.of(name).rows, collected_at=old, covers=left.of(name).covers), of=left)
        elif how == "hole":
            start = NOW - timedelta(minutes=draw(st.integers(30, 30 * 24 * 60)))
            covers = minus(GOOD.incidents.covers, (Span(start, start + timedelta(seconds=draw(st.integers(1, 600)))),))
            left = facts(replace(left.incidents, covers=covers), of=left)
        elif how == "part":
            left = _without(left, name, Missing(lack, draw(st.sampled_from(_PARTS[name]))))
        else:
            left = _without(left, name, Missing(lack, "" if how == "all" else "PANOTHER"))
    return left, frozenset(names)


@given(_unread())
def test_no_check_passes_that_needs_what_was_not_read(case: tuple[Facts, frozenset[Name]]) -> None:
    left, names = case
    for finding in findings(left, RULES, NOW):
        needs = CHECKS[finding.check].needs
        if needs & names:
            assert finding.result in {Result.UNKNOWN, Result.FAIL}, f"{finding.check}: {finding.sentence}"
            assert finding.missing, finding.check
        else:
            assert finding.result is Result.PASS, f"{finding.check}: {finding.sentence}"


@given(_unread())
def test_what_was_not_read_makes_nothing_wrong(case: tuple[Facts, frozenset[Name]]) -> None:
    """All that was there is in order, so whatever is left of it is."""
    left, _ = case
    # Of old data what it says still counts: it is only too old to vouch for what is now.
    assert [(one.check, one.wrong) for one in findings(left, RULES, NOW) if one.wrong] == []


@given(st.sets(_NAMES, min_size=1))
def test_what_the_plan_lacks_never_passes_but_where_it_is_not_missed(names: set[Name]) -> None:
    left = GOOD
    for name in names:
        left = facts(dataset(name, collected_at=None, missing=(Missing(Lack.PLAN),)), of=left)
    for finding in findings(left, RULES, NOW):
        check = CHECKS[finding.check]
        if names & (check.needs - check.spares):
            assert finding.result is Result.NOT_APPLICABLE, finding.check


@given(_unread())
def test_no_sentence_names_a_person(case: tuple[Facts, frozenset[Name]]) -> None:
    """A report may have to leave people's names out: they stand where names stand, and nowhere else."""
    left, _ = case
    strict = Rules(levels=9, loops=9, participants=9, contacts=9, admins=0, admins_percent=0, owners=9, gap_days=90)
    sentences = []
    for finding in findings(left, strict, NOW):
        sentences += [finding.sentence, *(one.sentence for one in (*finding.wrong, *finding.unread))]
    assert [one for one in sentences if "Name of" in one] == []


_OPTIONAL: Mapping[tuple[Name, str], set[str]] = {
    (Name.SERVICES, "policy"): {"SVC-01", "SVC-02"},  # EP-04: the policies tell it too
    (Name.SERVICES, "teams"): {"SVC-03"},
    (Name.SERVICES, "integrations"): set(),  # shown, and judged by no check
    (Name.SERVICES, "acknowledgement_s"): {"SVC-05"},
    (Name.SERVICES, "auto_resolve_s"): {"SVC-05"},
    (Name.SERVICES, "urgency"): {"SVC-06"},
    (Name.POLICIES, "levels"): {"EP-01", "EP-02"},  # EP-03: it goes round, whatever its levels are
    (Name.POLICIES, "loops"): {"EP-03"},
    (Name.POLICIES, "services"): set(),  # the services tell it too
    (Name.SCHEDULES, "turns"): {"SCH-03"},
    (Name.SCHEDULES, "users"): {"EP-02", "SCH-02"},
    (Name.SCHEDULES, "policies"): set(),  # the policies tell it too
    (Name.SCHEDULES, "teams"): {"SCH-04"},
    (Name.USERS, "teams"): set(),  # the teams tell it too
    (Name.USERS, "contacts"): {"USR-01"},
    (Name.USERS, "notified"): {"USR-01"},
    (Name.USERS, "is_invited"): {"USR-04"},
    (Name.TEAMS, "members"): set(),  # the users tell it too
    (Name.INCIDENTS, "log"): {"INC-01", "INC-02", "INC-04"},
}


@pytest.mark.parametrize(("place", "checks"), _OPTIONAL.items(), ids=[f"{name}-{key}" for name, key in _OPTIONAL])
def test_a_value_that_an_answer_did_not_have_is_not_known(place: tuple[Name, str], checks: set[str]) -> None:
    name, key = place
    rows = [replace(row, **{key: None}) for row in GOOD.of(name).rows]  # type: ignore[type-var]
    # The last level of the policy calls somebody by name, so that it has to go round to go on.
    left = facts(dataset(name, *rows))
    results = {one.check: one.result for one in findings(left, RULES, NOW)}
    assert {check for check, result in results.items() if result is not Result.PASS} == checks
    assert all(results[check] is Result.UNKNOWN for check in checks)


def test_every_dataset_is_needed_by_a_check_but_for_those_that_are_only_shown() -> None:
    assert frozenset[Name]().union(*(one.needs for one in CATALOGUE)) == set(_JUDGED)
    assert all(_PARTS.values()), "there is something of each to be left out"
    assert found("SVC-01").result is Result.PASS
