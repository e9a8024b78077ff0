"""The trace context that a change has on its way, as W3C's `traceparent` writes it: taken from whoever sent it, else made here.

It is kept on rows as it is written. What runs under it knows it without being told: each way in, each turn's act and each attempt.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "traceparent"
#: Later versions may have more behind a further dash; what stands here is read of them as well.
_WRITTEN = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<id>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_NOBODY = re.compile(r"0+")
_RECORDED = "01"  # that somebody keeps it: our rows do

_current: ContextVar[str] = ContextVar("trace", default="")


def valid(header: str) -> str:
    """As we would write it; nothing of what W3C tells to pass over."""
    found = _WRITTEN.fullmatch(header.strip())
    if found is None or (found["version"] == "00" and found["more"]):
        return ""
    if _NOBODY.fullmatch(found["id"]) or _NOBODY.fullmatch(found["span"]):
        return ""
    return f"00-{found['id']}-{found['span']}-{found['flags']}"


def written(trace_id: str, span_id: str, flags: str = _RECORDED) -> str:
    return f"00-{trace_id}-{span_id}-{flags}"


def id_of(traceparent: str) -> str:
    """By which it is looked for."""
    return traceparent[3:35]


def current() -> str:
    """Of what is under way here; empty: of nothing."""
    return _current.get()


def current_id() -> str:
    return id_of(current())


def begun() -> str:
    """That of what is under way, or the beginning of another."""
    return current() or written(secrets.token_hex(16), secrets.token_hex(8))


@contextmanager
def under(traceparent: str) -> Iterator[None]:
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)
