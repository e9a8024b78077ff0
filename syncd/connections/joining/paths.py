"""The two paths a connector may have. It stays as it is made, and each has words that mean nothing to the other."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.errors import Misconfigured

BIDIRECTIONAL, SERVICE_KEY = "bidirectional", "service_key"
PATHS = (BIDIRECTIONAL, SERVICE_KEY)
#: Of the options that only one path has: those it needs, and all that it may have.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    BIDIRECTIONAL: ("--integration", "--service"),
    SERVICE_KEY: ("--service-name",),
}
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    BIDIRECTIONAL: ("--integration", "--service", "--also"),
    SERVICE_KEY: ("--service-name", "--where", "--ca-file", "--secret-file", "--secret"),
}


def refuse_what_does_not_fit(path: str, given: Mapping[str, object]) -> None:
    """`given`: by option, whatever only one of the paths has."""
    if path not in PATHS:
        raise Misconfigured(f"--path {path} is none; it is {' or '.join(PATHS)}.")
    mine = _NEEDED[path]
    for option in given:
        if given[option] and option not in _ALLOWED[path]:
            raise Misconfigured(f"{option} means nothing with --path {path}; leave it out, or choose the other path.")
    for option in mine:
        if not str(given.get(option, "")).strip():
            raise Misconfigured(f"{option} is missing; --path {path} needs it.")
