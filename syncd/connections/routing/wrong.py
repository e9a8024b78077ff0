"""What is wrong with a rule or a preset, and under which key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ParamSpec, TypeVar

from syncd.errors import Misconfigured

_Args = ParamSpec("_Args")
_Read = TypeVar("_Read")
_Otherwise = TypeVar("_Otherwise")

Given = Mapping[str, object]  # a rule or a preset as somebody has written it: in a file, a request or a command
_NAME = re.compile(r"\w(?:[\w .-]{0,62}\w)?")


class Wrong(Misconfigured):
    """`others`: what else is wrong with the same rule or preset. It says a line for each."""

    def __init__(self, key: str, sentence: str, others: Sequence[Wrong] = ()) -> None:
        self.key, self.sentence, self.others = key, sentence, others
        super().__init__("\n".join(f"{one.key}: {one.sentence}." for one in self.all))

    @property
    def all(self) -> Sequence[Wrong]:
        return (self, *self.others)


class Faults:
    """Whatever is wrong with one rule or preset: the first fault does not hide the others."""

    def __init__(self) -> None:
        self._found: list[Wrong] = []

    def tried(
        self, otherwise: _Otherwise, read: Callable[_Args, _Read], /, *args: _Args.args, **kwargs: _Args.kwargs
    ) -> _Read | _Otherwise:
        try:
            return read(*args, **kwargs)
        except Wrong as wrong:
            self._found.extend(wrong.all)
            return otherwise

    def of(self, key: str) -> bool:
        return any(one.key == key for one in self._found)

    def add(self, key: str, sentence: str) -> None:
        self._found.append(Wrong(key, sentence))

    def refuse(self) -> None:
        if self._found:
            first, *others = self._found
            raise Wrong(first.key, first.sentence, others)

    def __iter__(self) -> Iterator[Wrong]:
        return iter(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)


def refuse_unknown(given: Given, known: Iterable[str], what: str) -> None:
    """A key that is not known is a typing mistake, and what it was to say would be left out."""
    names, faults = list(known), Faults()
    for key in given:
        if key not in names:
            faults.add(key, f"this is no key of {what}; there are {', '.join(names)}")
    faults.refuse()


def text_of(given: Given, key: str) -> str:
    found = given.get(key, "")
    if not isinstance(found, str):
        raise Wrong(key, "this is to be a text")
    return found


def name_of(given: Given) -> str:
    name = text_of(given, "name").strip()
    if not _NAME.fullmatch(name):
        raise Wrong("name", "a name has 1 to 64 letters, digits, spaces, dots, hyphens and underscores")
    return name
