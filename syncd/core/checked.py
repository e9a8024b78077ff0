"""One line of a check-up: what was looked at, how it is, and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .code import Entry
from .diagnostics import CATALOGUE
from .judging import State, Verdict

#: For people three words do; programs are told the state itself.
_MARKS = {State.OK: "ok", State.FAIL: "FAIL", State.WARN: "warn", State.UNKNOWN: "warn"}


@dataclass(frozen=True, slots=True)
class Checked:
    check: str
    state: State
    finding: str
    code: str = ""
    integration: str = ""
    is_by_oauth: bool = False  # how that is connected: it is not the same that helps

    @property
    def mark(self) -> str:
        return _MARKS.get(self.state, "ok")

    @property
    def entry(self) -> Entry | None:
        return CATALOGUE.get(self.code)

    @property
    def cure(self) -> str:
        return "" if self.entry is None else self.entry.cured(self.integration or "NAME", is_by_oauth=self.is_by_oauth)

    @property
    def who(self) -> str:
        return "" if self.entry is None else self.entry.who


def fine(check: str, finding: str, integration: str = "") -> Checked:
    return Checked(check, State.OK, finding, "", integration)


def warned(check: str, code: str, finding: str = "", integration: str = "") -> Checked:
    return Checked(check, State.WARN, finding or CATALOGUE[code].cause, code, integration)


def failed(check: str, code: str, finding: str = "", integration: str = "") -> Checked:
    return Checked(check, State.FAIL, finding or CATALOGUE[code].cause, code, integration)


def of_verdict(check: str, verdict: Verdict, integration: str) -> Checked:
    return Checked(check, verdict.state, verdict.finding, verdict.code, integration)


def by_oauth(lines: Iterable[Checked]) -> Iterator[Checked]:
    """Of an account that is connected by it."""
    return (replace(one, is_by_oauth=True) for one in lines)
