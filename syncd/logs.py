"""How this program speaks to whoever runs it: one line for each event on stderr, JSON unless a person is watching.

Events are static and in the past tense (`errand.delivered`), facts are keywords. One redactor sees every line last.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from syncd.address.showing import shown_in
from syncd.clock import Clock
from syncd.credential import A_WORD, EMAIL

READ_BY_PEOPLE = "SYNCD_READ_BY_PEOPLE"  # set for parts whose lines `syncd up` puts on its own terminal
_MASK = "***"
_SECRET = frozenset(
    {"auth", "authorization", "cookie", "credential", "credentials", "key", "keys", "passphrase"}
    | {"password", "passwords", "secret", "secrets", "sealed", "token", "tokens"}
)
#: Keys that open nothing: they name events, records, seals and requests.
_HARMLESS = frozenset({"case_key", "event_key", "idempotency_key", "incident_key", "key_id", "key_ids", "link_key"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IN_TEXT = re.compile(
    rf"""(?P<before>(?i:token[ ]token=|(?:bearer|basic)[ :=]+(?![ :=]|{A_WORD})|whsec_|pdus\+_|syncd_pat_))"""
    r"""(?P<secret>[^\s"'@,;<>]+)"""
    rf"|{EMAIL}"
)
_DEEPEST = 8
_OF_LINES = frozenset({"exception", "stack"})


def configure(level: str = "info", *, is_tty: bool | None = None, stream: TextIO | None = None) -> None:
    """Once, before anything speaks. Other libraries' loggers go the same way."""
    out = sys.stderr if stream is None else stream
    is_tty = out.isatty() if is_tty is None else is_tty
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_facts(), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(ProcessorFormatter(processors=_rendering(is_tty=is_tty), foreign_pre_chain=_facts()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    _quieten(logging.getLevelName(level.upper()))


def _facts() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _stamp,
        structlog.processors.StackInfoRenderer(),
        # As text, here and not later, so that the redactor sees it; and without the values of local variables.
        structlog.processors.format_exc_info,
    ]


def _rendering(*, is_tty: bool) -> list[Processor]:
    """JSON is in ASCII, so that it draws nothing wherever it is shown."""
    if not is_tty:
        return [ProcessorFormatter.remove_processors_meta, redact, structlog.processors.JSONRenderer(default=_plain)]
    shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return [ProcessorFormatter.remove_processors_meta, redact, harmless, shown]


def harmless(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """For a terminal, which obeys what others have written as well: one line for each event, and none in colours but ours."""
    return {str(_drawn(key)): _drawn(value, " \n" if key in _OF_LINES else " ") for key, value in event.items()}


def _drawn(value: object, may_stand: str = " ") -> object:
    """What is no text is shown as Python writes it, which spells such signs."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(each if each.isprintable() or each in may_stand else " " for each in value)


def _quieten(level: int) -> None:
    """Libraries that set up their own handlers speak through ours, and no louder than they have something to say."""
    for name in (
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
        "celery",
        "celery.task",
        "kombu",
        "alembic",
        "sqlalchemy",
    ):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # Alembic's says which database it met every time the version is only asked for.
    for name in (
        "httpx",
        "httpcore",
        "kombu",
        "celery.utils.functional",
        "celery.worker.strategy",
        "celery.app.trace",
        "celery.beat",
        "alembic.runtime.plugins",
        "sqlalchemy",
        "asyncio",
        "alembic.runtime.migration",
    ):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _stamp(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = Clock().now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: _MASK if _is_secret(key) else _clean(value, _DEEPEST) for key, value in event.items()}


def _is_secret(name: object) -> bool:
    text = str(name)
    if text.lower().replace("-", "_") in _HARMLESS:
        return False
    return any(word.lower() in _SECRET for word in _WORD.findall(text))


def _clean(value: object, depth: int) -> object:
    match value:
        case str():
            return _IN_TEXT.sub(lambda found: f"{found['before'] or ''}{_MASK}", shown_in(value))
        case bytes() | bytearray():
            return f"<{len(value)} bytes>"
        case Mapping() | MutableMapping():
            return {str(k): _MASK if _is_secret(k) else _inner(v, depth) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_inner(one, depth) for one in value]
        case None | bool() | int() | float():
            return value
        case _:
            return _clean(_plain(value), depth)


def _inner(value: object, depth: int) -> object:
    return _clean(value, depth - 1) if depth else "..."


def _plain(value: object) -> str:
    """SecretStr's own text is stars; whatever else comes says of itself what it wants to."""
    return str(value)
