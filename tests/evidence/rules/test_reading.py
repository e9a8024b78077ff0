"""`[evidence]` as people write it: read to values, and every fault told with its key and what the key takes."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import Misconfigured
from syncd.evidence.rules.reading import TABLES, TAKES, rules_of
from syncd.evidence.rules.values import Clock, Critical, Rules, Target

WRITTEN = """
clock = "open"
api_is_person = true
programs = ["PBOT"]
window_days = 7
acknowledge_percent = 95
loud = ["phone", "sms"]
admins = 0

[critical]
ids = ["PS1"]
names = ["Checkout*"]
teams = ["PT1"]

[targets]
P1 = { acknowledge = 3, resolve = 60 }
"Sev 2" = { acknowledge = 10, resolve = 120 }
"""


def _faults(written: str) -> list[str]:
    with pytest.raises(Misconfigured) as raised:
        rules_of(tomllib.loads(written))
    return str(raised.value).splitlines()


def test_what_is_written_is_read_and_the_rest_is_as_ever() -> None:
    found = rules_of(tomllib.loads(WRITTEN))
    assert found == Rules(
        critical=Critical(("PS1",), ("Checkout*",), ("PT1",)),
        targets={"P1": Target(3, 60), "Sev 2": Target(10, 120), "*": Target(15, 1440)},
        clock=Clock.OPEN,
        api_is_person=True,
        programs=("PBOT",),
        window_days=7,
        acknowledge_percent=95,
        loud=("phone", "sms"),
        admins=0,
    )
    assert (found.target("Sev 2"), found.target("P5"), found.target("")) == (
        Target(10, 120),
        Target(15, 1440),
        Target(15, 1440),
    )


def test_nothing_written_is_the_defaults_of_the_issue() -> None:
    found = rules_of({})
    assert found == Rules()
    assert (found.target("P1"), found.target("P2")) == (Target(5, 240), Target(15, 1440))
    assert not found.critical.is_chosen


def test_the_defaults_can_be_written_and_read_again() -> None:
    def plain(value: object) -> object:
        return list(value) if isinstance(value, tuple) else value

    given = {key: plain(one) for key, one in asdict(Rules()).items() if key not in TABLES}
    targets = {key: asdict(one) for key, one in Rules().targets.items()}
    assert rules_of({**given, "targets": targets, "critical": {"ids": []}}) == Rules()


def test_every_rule_can_be_written() -> None:
    assert {*TAKES, *TABLES} == {one.name for one in fields(Rules)}


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('clock = "sundial"', "evidence.clock is 'sundial'; it takes elapsed or open."),
        ("clock = [1]", "evidence.clock is [1]; it takes elapsed or open."),
        ("admins = true", "evidence.admins is True; it takes a whole number, at least 0, at most 100000."),
        ("gap_days = 91", "evidence.gap_days is 91; it takes a whole number, at least 1, at most 90."),
        ("levels = 2.5", "evidence.levels is 2.5; it takes a whole number, at least 1, at most 20."),
        ("api_is_person = 1", "evidence.api_is_person is 1; it takes true or false."),
        ('programs = "PBOT"', "evidence.programs is 'PBOT'; it takes a list of texts."),
        ('loud = ["bell"]', "evidence.loud is ['bell']; it takes a list of email, phone, sms, push or whatsapp."),
        ("loud = []", "evidence.loud is []; it takes a list of email, phone, sms, push or whatsapp."),
        ("gap_day = 3", "evidence.gap_day: no such key, did you mean gap_days?"),
        ('critical = "all"', "evidence.critical is 'all'; it takes a table of ids, names, teams."),
        ('[critical]\nname = ["x"]', "evidence.critical.name: no such key, did you mean names?"),
        ('[critical]\nids = [""]', "evidence.critical.ids is ['']; it takes a list of texts."),
        (
            "targets = 5",
            "evidence.targets is 5; it takes a table of priorities, each with acknowledge and resolve in minutes.",
        ),
        ("[targets]\nP1 = 5", "evidence.targets.P1 is 5; it takes a table of acknowledge and resolve, in minutes."),
        (
            '[targets]\n"*" = { acknowledge = 5 }',
            'evidence.targets."*".resolve is missing; it takes a whole number, at least 1, at most 100000 (minutes).',
        ),
        (
            "[targets]\nP1 = { acknowledge = 0, resolve = 5 }",
            "evidence.targets.P1.acknowledge is 0; it takes a whole number, at least 1, at most 100000.",
        ),
        (
            "[targets]\nP1 = { acknowledge = 1, resolve = 5, close = 9 }",
            "evidence.targets.P1.close: no such key; there are acknowledge, resolve.",
        ),
    ],
)
def test_a_fault_names_its_key_and_what_it_takes(written: str, fault: str) -> None:
    assert _faults(written) == [fault]


def test_one_fault_does_not_hide_the_others() -> None:
    assert len(_faults('clock = "sundial"\nadmins = -1\nspeed = 1\n[critical]\nids = 3\n[targets]\nP1 = {}')) == 6


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*TAKES, *TABLES, "other"]), _ANY, max_size=4))
def test_whatever_is_written_is_read_or_refused_in_sentences(written: dict[str, object]) -> None:
    told = ""
    try:
        assert isinstance(rules_of(written), Rules)
    except Misconfigured as refused:
        told = str(refused)
    assert not told or (told.startswith("evidence.") and told.endswith((".", "?")))


def test_checks_that_open_a_case_are_named_by_their_ids() -> None:
    found = rules_of(tomllib.loads('open_cases = ["SVC-01", "SCH-01", "SVC-01"]\ncase_connector = " compliance "'))
    assert (found.open_cases, found.case_connector) == (("SVC-01", "SCH-01"), "compliance")
    assert _faults('open_cases = ["SVC-1"]') == [
        "evidence.open_cases is ['SVC-1']; it takes a list of ids of checks, SVC-01 to INC-04."
    ]
