"""Spans of a change's way, in the SDK's own memory and at a collector; and nothing of it where nobody wants any."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from syncd.core.changes import Side
from syncd.store.tables import errands
from syncd.tracing import context, spans
from tests.flow.world import World
from tests.parts import postbox
from tests.parts.ports import free_port

from .test_context import GOOD, ID, SPAN


@pytest.fixture
def memory() -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans.collect(provider)
    yield exporter
    spans.end()


def id_of(one: ReadableSpan) -> int:
    assert one.context is not None
    return int(one.context.span_id)


def test_a_span_is_a_step_of_whoever_sent_it_and_what_it_asks_is_a_step_of_it(memory: InMemorySpanExporter) -> None:
    with spans.span("hook.receive", GOOD, source="acme"):
        asked = spans.outgoing()
        assert context.current() == asked
    (told,) = memory.get_finished_spans()
    assert told.parent is not None
    assert (f"{told.parent.trace_id:032x}", f"{told.parent.span_id:016x}") == (ID, SPAN)
    assert asked == context.written(ID, f"{id_of(told):016x}")
    assert told.attributes == {"syncd.source": "acme"}


def test_what_fails_is_marked_and_nobody_s_words_are_told(memory: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="secret"), spans.span("change.decide", ""):
        raise ValueError("a secret word")
    (told,) = memory.get_finished_spans()
    assert (told.status.is_ok, told.status.description, told.events) == (False, None, ())


def test_a_change_s_spans_hang_together_from_its_hook_to_its_write(linked: World, memory: InMemorySpanExporter) -> None:
    with spans.span("hook.receive", GOOD):
        linked.comment(Side.CASE, "C-1", "Rolling back.")
    linked.drain()
    told = {one.name: one for one in memory.get_finished_spans()}
    assert told.keys() == {"hook.receive", "change.decide", "change.attempt"}
    for child, parent in (("change.decide", "hook.receive"), ("change.attempt", "change.decide")):
        above = told[child].parent
        assert above is not None
        assert (f"{above.trace_id:032x}", above.span_id) == (ID, id_of(told[parent]))
    assert (told["change.attempt"].attributes or {})["syncd.kind"] == "note"
    with linked.db.read() as tx:
        kept = tx.scalars(errands.select().with_only_columns(errands.c.trace).order_by(errands.c.id)).all()
    assert kept[-1:] == [context.written(ID, f"{id_of(told['change.decide']):016x}")]


def test_a_collector_is_told_when_a_setting_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with postbox.web() as box:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", box.url)
        assert spans.begin() == ""
        with spans.span("hook.receive", GOOD):
            pass
        spans.end()
    (posted,) = box.posted
    assert posted.path == "/v1/traces"
    assert bytes.fromhex(ID) in posted.body
    assert b"hook.receive" in posted.body
    assert b"syncd" in posted.body


def test_a_collector_that_is_away_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    spans.begin()
    with spans.span("hook.receive", GOOD):
        pass
    spans.end()
    assert [one.name for one in threading.enumerate() if one.name == "spans-end"] == ["spans-end"], "it still tries"
    assert spans.outgoing() == "", "and nobody waits for it"


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "sync"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_who_wants_spans_says_so(env: dict[str, str], *, wanted: bool) -> None:
    assert spans.is_wanted(env) is wanted


_QUIET = "import sys, syncd.wiring, syncd.flow.crew, syncd.receiver.app; from syncd.tracing import spans; assert spans.begin({}) == ''; "
_NOTHING = "print([name for name in sys.modules if name.startswith('opentelemetry')])"
_MISSING = (
    "import sys; sys.modules['opentelemetry'] = None; from syncd.tracing import spans; "
    "print(spans.begin({'OTEL_SERVICE_NAME': 'x'}))"
)


def said(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_nothing_is_imported_where_nobody_wants_any_and_what_is_missing_is_said() -> None:
    assert said(_QUIET + _NOTHING) == "[]"
    assert "install syncd[otel]" in said(_MISSING)
