"""A report as its page shows it: each check in a line, and the pictures cut to what a person looks at. Everything is taken from the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from urllib.parse import urlencode

from syncd.evidence.findings.catalogue import CHECKS
from syncd.evidence.report.charts import Bar, Boxes, Gantt, boxes, gantt
from syncd.evidence.report.plain import Plain

AHEAD = timedelta(days=14)
_LINES, _BOXES = 14, 12
_NAMED, _ROWS = 2, 22  # subjects in a line, exceptions on the page
_STEP, _BAR = 5, 4  # of a day in a strip, and how much of it is its bar

#: Each result: its word, and the class that gives it its shape.
LOOKS: Mapping[str, tuple[str, str]] = {
    "pass": ("in order", "ok"),
    "fail": ("not in order", "bad"),
    "accepted": ("accepted", "skip"),
    "unknown": ("unknown", "wait"),
    "not_applicable": ("not applicable", "skip"),
}
#: How high each stands in a strip, so that nobody needs its colour.
_HEIGHTS = {"pass": 6, "fail": 6, "accepted": 9, "unknown": 6, "not_applicable": 6, "none": 11.5}


@dataclass(frozen=True, slots=True)
class Strip:
    paths: Sequence[tuple[str, str]]  # a result, and the runs of days that it has
    told: str


@dataclass(frozen=True, slots=True)
class ControlLine:
    control: Plain
    word: str
    shape: str
    strip: Strip
    named: Sequence[str]  # subjects that are not in order, the first of them
    more: int
    next_at: str | None
    address: str


@dataclass(frozen=True, slots=True)
class GanttLine:
    name: str
    is_known: bool
    path: str
    told: str


@dataclass(frozen=True, slots=True)
class Coverage:
    chart: Gantt
    lines: Sequence[GanttLine]
    left_out: int
    has_gap: int

    @property
    def height(self) -> int:
        return len(self.lines) * 18 + 18


def control_lines(report: Plain, address: str, same: Mapping[str, str]) -> list[ControlLine]:
    wrong: dict[str, list[str]] = {}
    for one in report["exceptions"]:
        if one["state"] == "open":
            wrong.setdefault(one["check"], []).append(one["name"] or one["subject"])
    due = {one["dataset"]: one["next_at"] for one in report["datasets"]}
    return [
        _line(one, wrong.get(one["check"], []), due, _at(f"{address}/{one['check']}", same))
        for one in report["controls"]
    ]


def _at(address: str, same: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(same)}" if same else address


def _line(one: Plain, wrong: Sequence[str], due: Mapping[str, str | None], address: str) -> ControlLine:
    word, shape = LOOKS[one["result"]]
    if one["result"] == "fail":
        word = f"{one['wrong']} exception{'' if one['wrong'] == 1 else 's'}"
        shape = "wait" if one["for_information"] else "bad"
    check = CHECKS.get(one["check"])
    moments = [at for name in (check.needs if check else ()) if (at := due.get(name))]
    return ControlLine(
        one, word, shape, strip(one["days"]), wrong[:_NAMED], len(wrong[_NAMED:]), min(moments, default=None), address
    )


def strip(days: Sequence[Plain]) -> Strip:
    """Days that follow each other with the same result are one stroke, which is dashed into days."""
    runs: dict[str, list[str]] = {}
    at = 0
    for result, some in groupby(one["result"] or "none" for one in days):
        count = len(list(some))
        runs.setdefault(result, []).append(f"M{at * _STEP} {_HEIGHTS[result]}h{count * _STEP - (_STEP - _BAR)}")
        at += count
    counted = {name: sum((one["result"] or "none") == name for one in days) for name in runs}
    words = {name: word for name, (word, _) in LOOKS.items()} | {"none": "not judged"}
    told = ", ".join(f"{number} {words[name]}" for name, number in counted.items())
    return Strip([(name, "".join(some)) for name, some in runs.items()], f"Of {len(days)} days: {told}")


def coverage(report: Plain) -> Coverage | None:
    """The days to come; schedules with a gap in them first."""
    start = datetime.fromisoformat(report["known_at"])
    cut = [_cut(one, start, start + AHEAD) for one in report["coverage"]]
    chart = gantt(cut, report["known_at"])
    if chart is None:
        return None
    lines = [
        GanttLine(name, known == "known", _path(bars), _told(name, known, bars)) for name, known, bars in chart.lines
    ]
    holes = sum(bool(one["gaps"]) for one in cut)
    return Coverage(chart, lines[:_LINES], len(cut) - len(lines[:_LINES]), holes)


def reach(report: Plain) -> str:
    """Whether each policy has somebody to call; of answers of old nothing is known."""
    policies = report.get("policies", ())
    known = [one for one in policies if not one["unknown"]]
    holed = [one["name"] for one in known if one["gaps"]]
    if not policies:
        return ""
    unknown = f" Of {len(policies) - len(known)} it is not known." if len(known) < len(policies) else ""
    if not holed:
        return (
            f"{len(known)} of {len(policies)} escalation policies have somebody to call at all times to come.{unknown}"
        )
    more = f" and {len(holed) - _NAMED} more" if len(holed) > _NAMED else ""
    return f"Nobody is called at some time to come by {', '.join(holed[:_NAMED])}{more}, of {len(policies)} policies.{unknown}"


def _cut(one: Plain, start: datetime, end: datetime) -> Plain:
    if not one["window"]:
        return one
    window = _within(one["window"], start, end)
    gaps = [{**gap, **cut} for gap in one["gaps"] if (cut := _within(gap, start, end))]
    return {**one, "window": window, "gaps": gaps}


def _within(span: Plain, start: datetime, end: datetime) -> Plain | None:
    """As much of it as lies there."""
    begins, ends = max(datetime.fromisoformat(span["start"]), start), min(datetime.fromisoformat(span["end"]), end)
    return {"start": begins.isoformat(), "end": ends.isoformat()} if begins < ends else None


def _path(bars: Sequence[Bar]) -> str:
    return "".join(f"M{bar.x:g} 1h{bar.width:g}v14h-{bar.width:g}z" for bar in bars)


def _told(name: str, known: str, bars: Sequence[Bar]) -> str:
    if known != "known":
        return f"{name}: not known"
    count = len(bars)
    return f"{name}: {count} gap{'' if count == 1 else 's'}" if count else f"{name}: covered"


def times_to_acknowledge(report: Plain) -> Boxes | None:
    target = report["times"]["targets"].get("*")
    return boxes(report["times"]["boxes"][:_BOXES], target["acknowledge_s"] if target else None)


def exceptions(report: Plain) -> list[Plain]:
    """Of each check the first, then the second, until there is no more room: none hides the others. The pages of the checks have all."""
    ranked: list[tuple[int, int, Plain]] = []
    counted: Counter[str] = Counter()
    order = {one["check"]: at for at, one in enumerate(report["controls"])}
    for one in sorted(report["exceptions"], key=lambda one: one["state"] != "open"):
        if one["state"] != "unknown":
            counted[one["check"]] += 1
            ranked.append((counted[one["check"]], order[one["check"]], one))
    first = sorted(ranked, key=itemgetter(0, 1))[:_ROWS]
    return [one for _, _, one in sorted(first, key=itemgetter(1, 0))]


def not_seen(report: Plain) -> list[str]:
    """What the key cannot see, and what else was not read, in the words of whoever collected it; each once."""
    whys = [one["why"] for one in report["datasets"] if one["why"]]
    return list(dict.fromkeys([*report["visible"], *whys]))
