"""A table of routes: a method and a path with {names}, and what to call. It calls nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from syncd.simulator.asked import Asked

Handler = TypeVar("Handler")


@dataclass(frozen=True, slots=True)
class Route(Generic[Handler]):
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    path: str = ""

    @property
    def shown(self) -> str:
        return f"{self.method} {self.path}"


def route(method: str, path: str, handler: Handler) -> Route[Handler]:
    return Route(method, re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?$"), handler, path)


def find(routes: Iterable[Route[Handler]], asked: Asked) -> tuple[Handler, dict[str, str]] | None:
    """The first that fits, with what its names caught."""
    for each in routes:
        caught = each.pattern.match(asked.path)
        if caught and each.method == asked.method:
            return each.handler, caught.groupdict()
    return None
