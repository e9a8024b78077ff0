"""Something a person has to know, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    remedy: str


def counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
