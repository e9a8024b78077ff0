"""What is asked at a terminal, and who is told what: words go to stdout for people, and beside the data for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import typer

from syncd.cli.saying import say
from syncd.core.harmless import printable

_SHOWN = 40  # of a list; a name that is not shown can be typed


@dataclass(frozen=True, slots=True)
class Choice:
    key: str  # what is taken
    name: str  # what is shown, and may be typed as well


@dataclass(slots=True)
class Talk:
    output: str | None
    done: list[str] = field(default_factory=list)  # whole steps, for whoever interrupts the next one

    @property
    def is_for_people(self) -> bool:
        return self.output in {None, "table"}

    @property
    def can_ask(self) -> bool:
        return sys.stdin.isatty()

    def say(self, line: str) -> None:
        say(printable(line), err=not self.is_for_people)

    def finished(self, line: str) -> None:
        self.done.append(line)
        self.say(line)


def confirmed(question: str, *, is_yes: bool = False) -> bool:
    """`is_yes`: Enter agrees."""
    return typer.confirm(question, default=is_yes, err=True)


def typed(question: str, default: str | None = None) -> str:
    return str(typer.prompt(question, default=default, err=True)).strip()


def hidden(question: str, *, may_be_empty: bool = False) -> str:
    default = "" if may_be_empty else None
    return str(typer.prompt(question, default, hide_input=True, show_default=False, err=True)).strip()


def picked(question: str, choices: Sequence[Choice], say: Callable[[str], None]) -> str:
    """By its number, its key or its name; asked again until it is one."""
    for number, one in enumerate(choices[:_SHOWN], 1):
        say(f"{number:>4}  {one.name} ({one.key})")
    if len(choices) > _SHOWN:
        say(f"      and {len(choices) - _SHOWN} more, by name")
    while True:
        answer = typed(question)
        found = _found(choices, answer)
        if found is not None:
            return found.key
        say(f"{answer} is none of them, or several; type a number, or what stands in brackets.")


def _found(choices: Sequence[Choice], answer: str) -> Choice | None:
    if answer.isdecimal() and 0 < int(answer) <= len(choices[:_SHOWN]):
        return choices[int(answer) - 1]
    same = [one for one in choices if one.key.casefold() == answer.casefold()]
    same = same or [one for one in choices if one.name.casefold() == answer.casefold()]
    return same[0] if len(same) == 1 else None
