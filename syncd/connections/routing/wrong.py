"""What is wrong with a rule or a preset, and under which key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from syncd.errors import Misconfigured

Given = Mapping[str, object]  # a rule or a preset as somebody has written it: in a file, a request or a command
_NAME = re.compile(r"\w(?:[\w .-]{0,62}\w)?")


class Wrong(Misconfigured):
    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(f"{key}: {sentence}")
        self.key, self.sentence = key, sentence


def refuse_unknown(given: Given, known: Iterable[str], what: str) -> None:
    """A key that is not known is a typing mistake, and what it was to say would be left out."""
    names = list(known)
    for key in given:
        if key not in names:
            raise Wrong(key, f"this is no key of {what}; there are {', '.join(names)}")


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
