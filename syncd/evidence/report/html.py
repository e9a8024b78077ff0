"""A report as one page that needs nothing else: no script, no font, no picture from anywhere; it prints, and has a light and a dark side."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from syncd.core.harmless import plain as harmless

from .charts import boxes, gantt
from .plain import Plain
from .spoken import spoken

_MOST = 500  # rows of exceptions on the page, for each check; the files have all
#: The word and the shape of each result: colour alone says nothing to many.
WORDS = {
    "pass": "in order",
    "fail": "not in order",
    "accepted": "accepted",
    "unknown": "unknown",
    "not_applicable": "not applicable",
}


def page(report: Plain) -> str:
    target = report["times"]["targets"].get("*")
    made: str = _template().render(
        report=report,
        words=WORDS,
        most=_MOST,
        titles={one["check"]: one["title"] for one in report["controls"]},
        gantt=gantt(report["coverage"], report["known_at"]),
        boxes=boxes(report["times"]["boxes"], target["acknowledge_s"] if target else None),
        by_check=_by_check(report),
    )
    return made


def _by_check(report: Plain) -> list[tuple[str, list[Any], int]]:
    """Of each check that has some: those that are shown, and how many are not."""
    found: dict[str, list[Any]] = {}
    for one in report["exceptions"]:
        found.setdefault(one["check"], []).append(one)
    return [(check, rows[:_MOST], max(len(rows) - _MOST, 0)) for check, rows in found.items()]


@cache
def _template() -> Any:  # noqa: ANN401 - jinja2's
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_contained,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"minute": minute, "length": len, "span": lasting, "spoken": spoken}
    return made.get_template("page.html")


def _contained(value: object) -> object:
    """Text of others neither turns around what is read nor hides in it."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def minute(text: str | None) -> str:
    return f"{text[:10]} {text[11:16]}" if text else "never"


def lasting(seconds: int | None) -> str:
    """As short as can be read: 4 h 5 min."""
    if seconds is None:
        return "none"
    parts = [(seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "0 s"
