"""Where a command that a sentence names leads on these pages, so that whoever reads it there need not type it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode

_TERMS = ("case", "incident", "link", "outcome", "reason", "direction")
_SHOWS = {"open": "open", "failed": "failed", "ended": "ended"}
_OF_EVIDENCE = frozenset({"status", "report", "snapshots", "collect", "diff", "accept", "bundle"})
_TO_FILL_IN = re.compile(r"[A-Z]{2,}|\.\.\.|[<{].*")  # NAME, ID: somebody has yet to say which


def way(command: str) -> str:
    """Empty where nothing here is what the command is. Whatever it leads to only looks: nothing is done by following it."""
    try:
        program, *words = shlex.split(command)
    except ValueError:  # A quote without its other, or nothing at all.
        return ""
    if program.rpartition("/")[2] != "syncd" or not words:
        return ""
    find = _GROUPS.get(words[0])
    return "" if find is None else find(words[1:])


def _deliveries(words: Sequence[str]) -> str:
    act, named, options = _read(words)
    if act != "list":
        return f"/deliveries/{named[0]}" if named and named[0].isdecimal() else "/deliveries"
    terms = [(name, options[name]) for name in _TERMS if options.get(name)]
    return _asked("/deliveries", [*([("q", " ".join(named))] if named else []), *terms])


def _links(words: Sequence[str]) -> str:
    act, named, options = _read(words)
    if act == "list":
        about = options.get("case") or options.get("incident") or ""
        show = _SHOWS.get(options.get("state", ""), "")
        return _asked("/links", [(name, value) for name, value in (("show", show), ("about", about)) if value])
    if not named:
        return "/links"
    return f"/links/{named[0]}" if named[0].isdecimal() else _asked("/links", [("about", named[0])])


def _one_of(room: str) -> Callable[[Sequence[str]], str]:
    """What the command names, in a room that has a page for each."""

    def find(words: Sequence[str]) -> str:
        act, named, _ = _read(words)
        return f"/{room}/{quote(named[0], safe='')}" if named and act not in {"list", "add", "open"} else f"/{room}"

    return find


def _evidence(words: Sequence[str]) -> str:
    """`verify` is for where there is no console."""
    act, named, _ = _read(words)
    if act not in _OF_EVIDENCE:
        return ""
    page = (
        f"/evidence/{quote(named[0], safe='')}"
        if named and act in {"status", "report", "snapshots", "collect"}
        else "/evidence"
    )
    return f"{page}/snapshots" if act == "snapshots" and named else page


def _always(address: str) -> Callable[[Sequence[str]], str]:
    return lambda _: address


def _why(words: Sequence[str]) -> str:
    _, named, _ = _read(["why", *words])
    return _asked("/why", [("ref", named[0])]) if named else "/why"


def _explain(words: Sequence[str]) -> str:
    _, named, _ = _read(["explain", *words])
    return f"/codes/{quote(named[0], safe='')}" if named else "/codes"


_GROUPS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "deliveries": _deliveries,
    "evidence": _evidence,
    "links": _links,
    "integrations": _one_of("integrations"),
    "cases": _one_of("cases"),
    "connectors": _always("/connectors"),
    "conflicts": _always("/conflicts"),
    "routes": _always("/routing"),
    "presets": _always("/routing"),
    "tokens": _always("/settings"),
    "users": _always("/settings"),
    "status": _always("/overview"),
    "explain": _explain,
    "why": _why,
}


def _read(words: Sequence[str]) -> tuple[str, list[str], dict[str, str]]:
    """The command's own word, what it names, and its options with their values; what is to be filled in is left out."""
    act, *rest = words or [""]
    named, options, last = list[str](), dict[str, str](), ""
    for word in rest:
        if word.startswith("--"):
            last, _, value = word[2:].partition("=")
            options[last] = value
        elif last and not options[last]:
            options[last] = "" if _TO_FILL_IN.fullmatch(word) else word
        elif not _TO_FILL_IN.fullmatch(word):
            named.append(word)
    return act, named, options


def _asked(address: str, terms: Sequence[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(terms)}" if terms else address
