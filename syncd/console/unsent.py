"""What somebody typed into a form that is not taken: it is shown once more to the browser that sent it, to be copied, and kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from .permits import PAGES, SIGNED_IN

#: Of no form anything else: its passwords, keys, secrets and tokens are under other names.
WORDS = {
    "title": "Title",
    "body": "Text",
    "text": "Text",
    "why": "Why",
    "priorities": "Priorities",
    "also": "Other services",
}
_PATHS = {path for method, path in {*PAGES, *SIGNED_IN} if method == "GET" and not path.endswith("/events")}
_PART = re.compile(r"\{\w+(:number)?\}")
_PAGES = tuple(re.compile(_PART.sub(lambda part: "[0-9]{1,18}" if part[1] else "[^/]+", path)) for path in _PATHS)


@dataclass(frozen=True, slots=True)
class Unsent:
    page: str  # the one that the form stood on; empty where there is none
    words: Sequence[tuple[str, str]] = ()

    @property
    def way_back(self) -> str:
        """By signing in."""
        return f"/login?next={quote(self.page)}" if self.page else "/login"


def words_of(fields: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [(label, fields[name]) for name, label in WORDS.items() if fields.get(name, "").strip()]


def page_of(path: str, referer: str) -> str:
    """What its browser says, where that is a page of ours; else the nearest one above the address that the form was sent to."""
    came = urlsplit(referer)
    if came.path != path and _is_page(came.path):
        return f"{came.path}?{came.query}" if came.query else came.path
    if path in _PATHS:
        return path
    return next((above for above in _above(path) if _is_page(above)), "")


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _is_page(path: str) -> bool:
    return any(page.fullmatch(path) for page in _PAGES)
