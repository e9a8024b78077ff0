"""The catalogue of checks, their functions, their tests, the rules they are judged by, and the page about them: all say the same."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import Name
from syncd.evidence.findings import incidents, policies, schedules, services, users
from syncd.evidence.findings.catalogue import CATALOGUE, CHECKS
from syncd.evidence.findings.check import Check
from syncd.evidence.findings.opinion import Ask, Asked
from syncd.evidence.rules.values import CHECK_IDS, Rules
from tests.evidence.account import NOW, RULES, dataset, facts, schedule

ROOT = Path(__file__).resolve().parents[2]
ROOMS: tuple[ModuleType, ...] = (services, policies, schedules, users, incidents)
GROUPS = {"SVC": 6, "EP": 4, "SCH": 5, "USR": 5, "INC": 4}
#: In order, and nothing in it tells what another dataset tells too.
GOOD = facts(dataset(Name.SCHEDULES, schedule(policies=None)))
OWN_WORDS = {"USR-02": {"admins", "owner"}}
#: What is only read for a name to show.
FOR_NAMES = {"SCH-05": {Name.USERS}}


def _functions() -> Iterator[Ask]:
    for room in ROOMS:
        for name, one in inspect.getmembers(room, inspect.isfunction):
            if (
                one.__module__ == room.__name__
                and not name.startswith("_")
                and one.__annotations__["return"] == "Opinions"
            ):
                yield one


def test_there_are_the_checks_that_are_promised() -> None:
    assert [one.id for one in CATALOGUE] == [
        f"{group}-{at:02}" for group, number in GROUPS.items() for at in range(1, number + 1)
    ]
    assert len(CHECKS) == 24


def test_every_function_has_one_row_and_says_which() -> None:
    rows = {one.id: one.ask for one in CATALOGUE}
    assert sorted(str(one.__doc__).split(".")[0] for one in _functions()) == sorted(rows)
    for check, ask in rows.items():
        assert str(ask.__doc__).startswith(f"{check}.")
    assert set(_functions()) == set(rows.values())


def test_every_check_has_a_test_of_its_own() -> None:
    tests = (ROOT / "tests" / "evidence" / "findings").glob("test_*.py")
    names = [
        node.name
        for path in tests
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    ]
    for check in CHECKS:
        begins = f"test_{check.lower().replace('-', '_')}_"
        assert [name for name in names if name.startswith(begins)], f"nothing tests {check}: {begins}..."


class _Watched:
    """Facts that remember which datasets somebody looked at."""

    def __init__(self) -> None:
        self.looked_at: set[Name] = set()

    def __getattr__(self, key: str) -> object:
        self.looked_at |= {name for name, field in FIELDS.items() if field == key}
        return getattr(GOOD, key)


@pytest.mark.parametrize("check", CATALOGUE, ids=[one.id for one in CATALOGUE])
def test_a_check_reads_what_it_says_that_it_needs(check: Check) -> None:
    """One that reads more could pass by what was not read."""
    watched = _Watched()
    assert list(check.ask(Asked(cast("Facts", watched), RULES, NOW)))
    by_judging = {Name.ABILITIES} if check.ability else set()
    assert watched.looked_at - FOR_NAMES.get(check.id, set()) == check.needs - by_judging
    assert bool(check.ability) == (Name.ABILITIES in check.needs)
    assert check.spares <= check.needs


@pytest.mark.parametrize("check", CATALOGUE, ids=[one.id for one in CATALOGUE])
def test_opinions_are_of_the_subjects_that_the_row_names(check: Check) -> None:
    """By it a report knows what to link to, and which names are those of people."""
    known = {row.id for row in GOOD.of(check.subjects).rows} | OWN_WORDS.get(check.id, set())
    assert {one.subject for one in check.ask(Asked(GOOD, RULES, NOW))} <= known


def test_cases_may_be_opened_for_every_check() -> None:
    assert tuple(one.id for one in CATALOGUE) == CHECK_IDS


#: What is done about findings, which judges none.
OF_CASES = {"open_cases", "case_connector"}


def test_every_rule_is_of_a_check_and_its_remark_names_it() -> None:
    source = inspect.getsource(Rules)
    for one in fields(Rules):
        judged = {check.id for check in CATALOGUE if one.name in check.rules}
        remark = re.search(rf"(?:^    # (.*)\n)?^    {one.name}: .*?(?:  # (.*))?$", source, re.MULTILINE)
        assert remark
        assert bool(judged) is (one.name not in OF_CASES), f"no check is judged by {one.name}"
        assert set(re.findall(r"[A-Z]+-\d\d", remark[2] or remark[1])) == judged
    known = {one.name for one in fields(Rules)}
    assert {key for check in CATALOGUE for key in check.rules} <= known


@pytest.mark.parametrize("check", CATALOGUE, ids=[one.id for one in CATALOGUE])
def test_a_row_is_whole(check: Check) -> None:
    assert check.question.endswith("?")
    assert check.cure.endswith(".")
    assert not check.title.endswith(".")
    assert all(re.fullmatch(r"(CC[1-9]|A1)\.\d", one) for one in check.controls.soc2)
    assert all(re.fullmatch(r"A\.[5-8]\.\d{1,2}", one) for one in check.controls.iso27001)
    assert all(re.fullmatch(r"[A-Z]{2}-\d{1,2}", one) for one in check.controls.nist)
    assert all((check.controls.soc2, check.controls.iso27001, check.controls.nist))


def test_the_page_has_every_check_and_every_rule() -> None:
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    for check in CATALOGUE:
        assert page.count(f"| `{check.id}` ") == 2
    for one in fields(Rules):
        assert re.search(rf"^\| `{one.name}` \|.*\| \S.* \|$", page, re.MULTILINE), one.name
