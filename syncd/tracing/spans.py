"""Spans of what happens to a change, for whoever collects them: with the extra `otel` and an OTEL_ setting. Otherwise nothing is imported.

What went wrong is in rows and logs; a span has names and numbers, and no word of a case.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .context import current, id_of, under, written

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

Attribute = str | int | bool
_ENDS_WITHIN = 1.5  # seconds, of the two that a part is given to stop in
_PREFIX, _SERVICE = "OTEL_", "syncd"
_NOT_INSTALLED = (
    "An OTEL_ setting stands and OpenTelemetry is not installed, so no spans are told; install syncd[otel]."
)


@dataclass(slots=True)
class _Collected:
    """Of this process."""

    by: TracerProvider | None = None


_collected = _Collected()


def begin(env: Mapping[str, str] = os.environ) -> str:
    """Once per process, after the fork. What is to be said about it, if anything: that somebody wants what cannot be had."""
    if not is_wanted(env):
        return ""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return _NOT_INSTALLED
    named = Resource.create({} if env.get("OTEL_SERVICE_NAME") else {"service.name": _SERVICE})
    provider = TracerProvider(resource=named, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    collect(provider)
    return ""


def is_wanted(env: Mapping[str, str]) -> bool:
    is_off = env.get("OTEL_SDK_DISABLED", "").lower() == "true" or env.get("OTEL_TRACES_EXPORTER") == "none"
    return not is_off and any(name.startswith(_PREFIX) and value for name, value in env.items())


def collect(provider: TracerProvider) -> None:
    _collected.by = provider


def end() -> None:
    """What was not sent yet is sent; a collector that is away holds nobody up who is told to stop."""
    provider, _collected.by = _collected.by, None
    if provider is not None:
        ending = threading.Thread(target=provider.shutdown, name="spans-end", daemon=True)
        ending.start()
        ending.join(_ENDS_WITHIN)


@contextmanager
def span(name: str, parent: str, **attributes: Attribute) -> Iterator[None]:
    """What runs in it is under its trace context: that of the span, or where none are collected the parent's."""
    if _collected.by is None:
        with under(parent):
            yield
        return
    tracer = _collected.by.get_tracer(_SERVICE)
    told = {f"syncd.{key}": value for key, value in attributes.items()}
    with (
        tracer.start_as_current_span(
            name, _context_of(parent), attributes=told, record_exception=False, set_status_on_exception=False
        ) as one,
        under(_as_written(one)),
    ):
        try:
            yield
        except Exception:
            _fail(one)
            raise


def outgoing() -> str:
    """For one request of ours, whose far side takes it for the parent of what it does; empty: it belongs to no change."""
    here = current()
    if not here or _collected.by is not None:
        return here  # the span that makes it
    return written(id_of(here), secrets.token_hex(8), here[-2:])


def _context_of(parent: str) -> Context:
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent}, Context()) if parent else Context()


def _as_written(one: Span) -> str:
    its = one.get_span_context()
    return written(f"{its.trace_id:032x}", f"{its.span_id:016x}", f"{int(its.trace_flags):02x}")


def _fail(one: Span) -> None:
    """Without what was said, which may have words of others in it."""
    from opentelemetry.trace import Status, StatusCode

    one.set_status(Status(StatusCode.ERROR))
