"""docs/findings.md: every check, what it is judged by, which controls it is evidence for, and how times are measured."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields

from syncd.evidence.facts.dataset import EVERY, SENTENCES, Name
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.check import Check
from syncd.evidence.rules import values
from syncd.evidence.rules.reading import TABLES, TAKES
from syncd.evidence.rules.values import Critical, Rules
from syncd.evidence.times import STATED, stated

_FIELD = re.compile(r"(?:^    # (.*)\n)?^    (\w+): .*?(?:  # (.*))?$", re.MULTILINE)

_HEAD = [
    "# Findings",
    "",
    "What an account is judged by: one row for each check. What comes of a check is one of five:",
    "",
    "| result | |",
    "|---|---|",
    "| `pass` | everything it needs was read, whole and recently, and all of it is in order |",
    "| `fail` | something is not in order: each subject is named, with what is wrong; or an acceptance of it has run out |",
    "| `accepted` | all that is not in order was accepted: by whom, until when and why stands beside it |",
    "| `not_applicable` | the account's plan has nothing of the kind, or there is nothing to judge |",
    "| `unknown` | something that it needs was not read: which dataset, and which scope, permission or plan that takes |",
    "",
    "What was not read is never taken for being in order, nor for not being there: where some was read and is wrong, that is told, and",
    "where all that was read is right, the check is unknown. Of services nothing passes SVC-01 before somebody has chosen which are critical.",
    "",
    "## Checks",
    "",
    "| check | question | judged by | needs |",
    "|---|---|---|---|",
]


def findings() -> str:
    lines = [*_HEAD, *map(_asked, CATALOGUE)]
    lines += ["", "Those marked *for information* are to be thought about, and are no fault.", ""]
    lines += [
        "INC-01 goes by who PagerDuty's log says has acknowledged: where teams acknowledge on the case that is syncd, unless it writes in people's",
        "own names. The ways out: [joins.md](joins.md#a-team-that-acknowledges-on-the-case). USR-05 is unknown where none of six or more users is on",
        "the list of people: that is another list.",
        "",
    ]
    lines += ["## What helps, and which controls it is evidence for", ""]
    lines += [
        "SOC 2: criteria of the Trust Services Criteria; ISO: Annex A of ISO/IEC 27001:2022; NIST: SP 800-53, revision 5.",
        "",
    ]
    lines += ["| check | what to do | SOC 2 | ISO | NIST |", "|---|---|---|---|---|", *map(_helped, CATALOGUE), ""]
    lines += ["## Rules", "", "Keys of the table `[evidence]`; what is left out is as it is here.", ""]
    lines += ["| key | default | takes | |", "|---|---|---|---|", *_rules(), ""]
    lines += [*_times(), *_datasets()]
    return "\n".join(lines) + "\n"


def _asked(one: Check) -> str:
    judged = ", ".join(f"`{key} = {_shown(key)}`" if _shown(key) else f"`[evidence.{key}]`" for key in one.rules)
    needs = ", ".join(_words(name) for name in sorted(one.needs))
    remark = " *For information.*" if one.is_informational else ""
    ability = f" Only with the ability `{one.ability}`." if one.ability else ""
    return f"| `{one.id}` {one.title} | {one.question}{ability}{remark} | {judged} | {needs} |"


def _helped(one: Check) -> str:
    named = (", ".join(some) for some in (one.controls.soc2, one.controls.iso27001, one.controls.nist))
    return f"| `{one.id}` | {one.cure} | {' | '.join(named)} |"


def _rules() -> list[str]:
    remarks = _remarks(inspect.getsource(Rules))
    takes = {**{key: one.words for key, one in TAKES.items()}, **TABLES}
    return [
        f"| `{one.name}` | {_cell(_shown(one.name))} | {takes[one.name]} | {remarks[one.name]} |"
        for one in fields(Rules)
    ]


def _remarks(source: str) -> Mapping[str, str]:
    return {found[2]: found[3] or found[1] or "" for found in _FIELD.finditer(source)}


def _shown(key: str) -> str:
    """As TOML has it; tables have their own section."""
    default = getattr(Rules(), key)
    if isinstance(default, Critical) or key == "targets":
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return f"[{', '.join(_quoted(one) for one in default)}]"
    return str(default) if isinstance(default, int) else _quoted(str(default))


def _quoted(text: str) -> str:
    return f'"{text}"'


def _cell(text: str) -> str:
    return f"`{text}`" if text else ""


def _times() -> list[str]:
    named = [
        f"{_quoted(one) if one == values.OTHERS else one} = {{ acknowledge = {target.acknowledge}, resolve = {target.resolve} }}"
        for one, target in Rules().targets.items()
    ]
    return [
        "```toml",
        "[evidence.targets]  # minutes; as they are without it",
        *named,
        "",
        "[evidence.critical]  # a service that is any of these",
        'ids = ["PIJ90N7"]',
        'names = ["Checkout*"]',
        'teams = ["PQ9K7I8"]',
        "```",
        "",
        "## How times are measured",
        "",
        f"{stated(Rules())} Who waits for longer than the target is late, also when nobody comes at all;",
        "what was resolved sooner, with no acknowledgement by a person, is left out of acknowledging. An incident that was merged into",
        "another is left out of both. An acknowledgement by a program, or by PagerDuty itself, stops no clock and is told apart; where a log",
        "does not tell who it was, or does not lead to the state that the incident is in, the incident's times are unknown. Percentiles are",
        "those of the nearest rank: a time that really was, with at least so many of a hundred no longer.",
        "",
        "| `clock` | |",
        "|---|---|",
        *(f"| `{clock}` | {sentence} |" for clock, sentence in STATED.items()),
        "",
    ]


def _datasets() -> list[str]:
    return [
        "## What is known, and how long",
        "",
        "A dataset that was collected longer ago than twice its interval is out of date, and nothing passes by it.",
        "",
        "| dataset | collected every |",
        "|---|---|",
        *(f"| {_words(name)} | {_long(name)} |" for name in Name),
        "",
        "Why something may not be known:",
        "",
        "| word | what is said |",
        "|---|---|",
        *(
            f"| `{why}` | {sentence.format(dataset='services', needs=' (what that takes)')} |"
            for why, sentence in SENTENCES.items()
        ),
    ]


def _words(name: Name) -> str:
    return name.value.replace("_", " ")


def _long(name: Name) -> str:
    hours = EVERY[name].total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
