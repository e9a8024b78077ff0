"""What changed between two answers: results, subjects that came and went, rules, and counts of what there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from .plain import Plain


@dataclass(frozen=True, slots=True)
class Change:
    what: str  # result, came, went, state, rule, count
    check: str = ""
    subject: str = ""
    name: str = ""
    before: Any = None
    after: Any = None


def changes(before: Plain, after: Plain) -> list[Change]:
    return [*_results(before, after), *_subjects(before, after), *_rules(before, after), *_counts(before, after)]


def as_rows(found: list[Change]) -> list[Plain]:
    return [asdict(one) for one in found]


def _results(before: Plain, after: Plain) -> Iterator[Change]:
    was = {one["check"]: one["result"] for one in before["controls"]}
    now = {one["check"]: one["result"] for one in after["controls"]}
    titles = {one["check"]: one["title"] for one in (*before["controls"], *after["controls"])}
    for check in dict.fromkeys([*was, *now]):
        if was.get(check) != now.get(check):
            yield Change("result", check, "", titles[check], was.get(check), now.get(check))


def _subjects(before: Plain, after: Plain) -> Iterator[Change]:
    """A subject without an id is known by what is said of it. What is the same subject in another state has neither come nor gone."""
    was, now = _by_subject(before), _by_subject(after)
    for spot in dict.fromkeys([*was, *now]):
        old, new = was.get(spot), now.get(spot)
        one = new or old or {}
        said = (spot[0], one["subject"], one["name"])
        if old is None and new is not None:
            yield Change("came", *said, None, f"{new['state']}: {new['sentence']}")
        elif new is None and old is not None:
            yield Change("went", *said, f"{old['state']}: {old['sentence']}", None)
        elif old is not None and new is not None and old["state"] != new["state"]:
            yield Change("state", *said, old["state"], new["state"])


def _by_subject(report: Plain) -> dict[tuple[str, str], Plain]:
    return {(one["check"], one["subject"] or one["sentence"]): one for one in report["exceptions"]}


def _rules(before: Plain, after: Plain) -> Iterator[Change]:
    was, now = before["rules"], after["rules"]
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            yield Change("rule", name=key, before=was.get(key), after=now.get(key))


def _counts(before: Plain, after: Plain) -> Iterator[Change]:
    was, now = _numbers(before), _numbers(after)
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            yield Change("count", name=name, before=was.get(name), after=now.get(name))


def _numbers(report: Plain) -> dict[str, int]:
    """How many subjects each check could tell of, and how many incidents and schedules there were."""
    found = {f"{one['check']} judged": one["judged"] for one in report["controls"]}
    found["incidents"] = len(report["times"]["incidents"])
    found["schedules"] = len(report["coverage"])
    found["policies"] = len(report.get("policies", ()))
    found["policies with a gap"] = sum(bool(one["gaps"]) for one in report.get("policies", ()))
    found["critical services"] = len(report["critical_services"])
    return found
