"""TOML from strangers: parsed within bounds. What tomllib ends in another way than by saying so is told like any other fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

DEPTH = 64
_BOM = "\ufeff"  # with which some editors begin a file
_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
_LARGEST = 2**63 - 1  # TOML itself promises no more
_TOO_DEEP, _TOO_LARGE = f"It is nested deeper than {DEPTH} levels", "A number is too large"
_DIGITS = re.compile(r"[0-9_]+")
_KEYS = re.compile(r"[^\s.=\[\]{},]+(?:[ \t]*\.[ \t]*[^\s.=\[\]{},]+)*")
_HEAD = re.compile(r"\s*\[{1,2}([^\]]+)\]")
_BEFORE_VALUE = re.compile(r"\s*([^=\s#\[][^=]*?)\s*=")
_PART = re.compile(r"\s*(?:\"[^\"]*\"|'[^']*'|[^.\s]+)\s*")
#: What has no end goes to the end of the file, or of its line, so that nothing is looked at twice, however often it begins.
_TEXTS = re.compile(
    r"""
    \"{3} (?: \\.? | [^\\] )*? (?: \"{3,5} | \Z )   # several lines, with escapes
    | '{3} .*? (?: '{3,5} | \Z )                    # several lines, as they are
    | \" (?: \\. | [^\"\\\n] )*+ \"?
    | ' [^'\n]*+ '?
    | \# [^\n]*
    """,
    re.DOTALL | re.VERBOSE,
)


class NoToml(ValueError):
    """In words, and on which line, where that is known."""

    def __init__(self, why: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(why)

    @property
    def told(self) -> str:
        return str(self) if self.line is None else f"{self} (on line {self.line})"


def unmarked(text: str) -> str:
    """Without a byte order mark."""
    return text.removeprefix(_BOM)


def blanked(text: str) -> str:
    """The same lines, without what texts and comments say."""
    return _TEXTS.sub(_blank, text)


def parsed(text: str) -> dict[str, Any]:
    text = unmarked(text)
    plain = blanked(text)
    _refuse_depth(
        plain
    )  # first, since tomllib goes as deep as it is written, and needs a square of that for dotted keys
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        raise NoToml(_LINE.sub("", str(error)), int(line[1]) if line and line[1] else text.count("\n") + 1) from error
    except ValueError as error:  # An integer of more digits than Python reads.
        raise NoToml(_TOO_LARGE, _line_of_most_digits(plain)) from error
    _refuse_what_nobody_could_show(found)
    return found


def line_of(text: str, keys: Sequence[str]) -> int:
    """On which line the value of these keys stands, or else the table, or the key, that holds it; 1 where nothing does."""
    lines, table = unmarked(text).split("\n"), tuple[str, ...]()
    best, most = 1, 0
    for number, (line, plain) in enumerate(zip(lines, blanked(unmarked(text)).split("\n"), strict=True), 1):
        head, key = _HEAD.match(plain), _BEFORE_VALUE.match(plain)
        if head:
            spot = table = _named(line[head.start(1) : head.end(1)])
        elif key:
            spot = (*table, *_named(line[key.start(1) : key.end(1)]))
        else:
            continue
        if len(spot) > most and tuple(keys[: len(spot)]) == spot:
            best, most = number, len(spot)
    return best


def _named(dotted: str) -> tuple[str, ...]:
    """The keys of `a."b.c".d`."""
    return tuple(one.strip().strip("\"'") for one in _PART.findall(dotted))


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0]) if found[0].startswith("#") else re.sub(r"[^\n]", '"', found[0])


def _refuse_depth(plain: str) -> None:
    depth = 0
    for number, line in enumerate(plain.split("\n"), 1):
        if any(keys[0].count(".") >= DEPTH for keys in _KEYS.finditer(line)):
            raise NoToml(_TOO_DEEP, number)
        for sign in line:
            depth = max(0, depth + (sign in "[{") - (sign in "]}"))
            if depth > DEPTH:
                raise NoToml(_TOO_DEEP, number)


def _line_of_most_digits(plain: str) -> int:
    most = [max(map(len, _DIGITS.findall(line)), default=0) for line in plain.split("\n")]
    return most.index(max(most)) + 1


def _refuse_what_nobody_could_show(found: Mapping[str, Any]) -> None:
    """Tables in tables add up, and a hexadecimal number may have any length: both break whoever writes them in a sentence."""
    level: list[Any] = [found]
    for _ in range(DEPTH + 1):
        level = [one for holder in level for one in _inside(holder)]
    if level:
        raise NoToml(_TOO_DEEP)


def _inside(holder: object) -> list[Any]:
    if isinstance(holder, int) and not -_LARGEST - 1 <= holder <= _LARGEST:
        raise NoToml(_TOO_LARGE)
    if isinstance(holder, dict):
        return list(holder.values())
    return holder if isinstance(holder, list) else []
