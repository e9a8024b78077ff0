"""A value within an answer of the API that knows where it stands, so that whatever is wrong with it is said with its path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.evidence.spans import Span

# PagerDuty is from 2009. Years outside of these are slips of the pen, and counting from them would take for ever.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class Wrong(Exception):
    """Raised by a value and turned into an `Unknown` at the door of each kind of answer; it never leaves this room."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path} {what}")
        self.path = path


@dataclass(frozen=True, slots=True)
class At:
    value: object
    path: str

    def get(self, key: str) -> At:
        found = self.maybe(key)
        if found is None:
            raise Wrong(f"{self.path}.{key}", "is missing")
        return found

    def maybe(self, key: str) -> At | None:
        """None where it is missing or null."""
        if not isinstance(self.value, dict):
            raise Wrong(self.path, f"is {self.kind} and not an object")
        value = self.value.get(key)
        return None if value is None else At(value, f"{self.path}.{key}")

    def items(self) -> list[At]:
        if not isinstance(self.value, list):
            raise Wrong(self.path, f"is {self.kind} and not a list")
        return [At(value, f"{self.path}[{n}]") for n, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise Wrong(self.path, f"is {self.kind} and not a text")
        return self.value

    def whole(self, least: int, most: int) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise Wrong(self.path, f"is {self.kind} and not a whole number")
        if not least <= self.value <= most:
            raise Wrong(self.path, f"is {str(self.value)[:20]} and not from {least} to {most}")
        return self.value

    def one_of(self, *known: str) -> str:
        text = self.text()
        if text not in known:
            raise Wrong(self.path, f"is {text[:60]!r} and none of {', '.join(known)}")
        return text

    def moment(self) -> datetime:
        moment = self.shown()
        if moment.tzinfo is None:
            raise Wrong(self.path, f"is {self.text()!r}, a time without its offset from UTC")
        return moment.astimezone(UTC)

    def shown(self) -> datetime:
        """A moment, or where it has no offset what a clock on the wall shows."""
        text = self.text()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Wrong(self.path, f"is {text[:60]!r} and not a time as ISO 8601 has it") from None
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise Wrong(self.path, f"is of the year {moment.year}, and from {_FIRST_YEAR} to {_LAST_YEAR} is counted")
        return moment

    def span(self, start: str, end: str) -> Span:
        found = Span(self.get(start).moment(), self.get(end).moment())
        if found.is_empty:
            raise Wrong(self.path, "ends before it has begun")
        return found

    def label(self, *keys: str) -> str:
        """A name for people, by the first key that has one. Nothing is computed from it, so its lack spoils nothing."""
        found = [self.value.get(key) for key in keys] if isinstance(self.value, dict) else []
        return next((one for one in found if isinstance(one, str) and one), "")

    def ids(self, key: str) -> tuple[str, ...] | None:
        """The ids of a list of references; None where there is no list."""
        listed = self.maybe(key)
        return None if listed is None else tuple(one.get("id").text() for one in listed.items())

    @property
    def kind(self) -> str:
        match self.value:
            case bool():
                return "a yes or no"
            case str():
                return "a text" if self.value else "an empty text"
            case int() | float():
                return "a number"
            case list():
                return "a list"
            case dict():
                return "an object"
        return "nothing"
