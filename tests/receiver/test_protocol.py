"""Hostile senders against a real server: each is cut or refused in time and within bounds, and honest ones never notice."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
import structlog
from starlette.types import Receive, Scope, Send

from syncd.clock import Clock
from syncd.receiver.app import Receiver
from syncd.receiver.limits import Tally
from tests.receiver.site import Site, event, request, running, served, signed, site
from tests.waiting import wait_until

DEADLINE = 0.6
HEAD = b"POST /hooks/pd HTTP/1.1\r\nHost: here\r\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture(scope="module")
def hurried(here: Site) -> Iterator[tuple[Receiver, int]]:
    """A receiver that waits for nobody longer than DEADLINE."""
    with served(here, hook_deadline_s=DEADLINE) as running:
        yield running


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=15) as line:
        yield line


def rest(line: socket.socket) -> bytes:
    """Everything until the server closes the connection. Raises TimeoutError when it does not."""
    parts = []
    with suppress(ConnectionResetError):
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts)


def answer_of(line: socket.socket) -> bytes:
    """One answer with a short body."""
    got = b""
    while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < length_of(got):
        part = line.recv(65536)
        assert part, got
        got += part
    return got


def length_of(answer: bytes) -> int:
    return int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def post(line: socket.socket, body: bytes) -> int:
    line.sendall(request(body, signed(body)))
    return status_of(answer_of(line))


@pytest.mark.parametrize(
    "beginning",
    [
        b"P",
        HEAD,
        HEAD + b"X-Slow: a",
        HEAD + b"Content-Length: 100\r\n\r\nabc",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: a",
        HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    ],
    ids=repr,
)
def test_a_sender_that_stops_in_the_middle_is_cut(hurried: tuple[Receiver, int], beginning: bytes) -> None:
    receiver, port = hurried
    before = receiver.tally.total["request.cut"]
    with connected(port) as line:
        line.sendall(beginning)
        assert rest(line) in {b"", b"HTTP/1.1 100 Continue\r\n\r\n"}
    assert receiver.tally.total["request.cut"] == before + 1


@pytest.mark.parametrize("kind", ["header", "body", "blank lines"])
def test_a_sender_that_drips_is_cut_too(hurried: tuple[Receiver, int], kind: str) -> None:
    _, port = hurried
    drop, beginning = {
        "header": (b"a", HEAD + b"X-Slow: "),
        "body": (b"a", HEAD + b"Content-Length: 100000\r\n\r\n"),
        "blank lines": (b"\r\n", b"\r\n"),
    }[kind]
    with connected(port) as line:
        line.sendall(beginning)
        drips = threading.Event()

        def has_been_cut() -> bool:
            drips.wait(0.03)
            try:
                line.sendall(drop)
            except OSError:
                return True
            return False

        wait_until(has_been_cut, 10)


def test_a_connection_that_only_stands_is_closed_and_not_counted(hurried: tuple[Receiver, int]) -> None:
    receiver, port = hurried
    before = receiver.tally.total.copy()
    with connected(port) as line:
        assert rest(line) == b""
    assert receiver.tally.total == before


def test_blank_lines_after_an_answer_do_not_hold_the_connection(hurried: tuple[Receiver, int]) -> None:
    _, port = hurried
    with connected(port) as line:
        assert post(line, event("blank")) == 200
        line.sendall(b"\r\n\r\n")
        assert rest(line) == b""


MEGABYTE = b"a" * 1024 * 1024


@pytest.mark.parametrize(
    "flood",
    [
        HEAD + b"X-Long: " + MEGABYTE,
        HEAD + b"".join(b"X-%d: a\r\n" % number for number in range(200)) + b"\r\n",
        HEAD + b"X: " + b"a" * 1000 + (b"\r\nX: " + b"a" * 1000) * 100 + b"\r\n\r\n",
        b"POST /" + MEGABYTE,
        b"P" * 1024 * 1024,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;" + MEGABYTE,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: " + MEGABYTE,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: a\r\n" * 1000,
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
        HEAD + b"Content-Length: 5x\r\n\r\nabcde",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST http://[ HTTP/1.1\r\nHost: here\r\n\r\n",
        b"\x00" * 100,
    ],
    ids=lambda flood: f"{flood[-12:]!r} {len(flood)}",
)
def test_what_is_no_request_is_refused_within_bounds(hurried: tuple[Receiver, int], flood: bytes) -> None:
    _, port = hurried
    with connected(port) as line:
        with suppress(ConnectionError):
            line.sendall(flood)
        said = rest(line)
    assert said == b"" or status_of(said) in {400, 401, 413}


def test_a_large_announcement_is_refused_before_anything_is_sent(hurried: tuple[Receiver, int]) -> None:
    _, port = hurried
    with connected(port) as line:
        line.sendall(HEAD + b"Content-Length: 10000000\r\n\r\n")
        assert status_of(rest(line)) == 413


def test_a_body_longer_than_announced_is_not_proven(here: Site, hurried: tuple[Receiver, int]) -> None:
    _, port = hurried
    body = event("longer")
    with connected(port) as line:
        line.sendall(
            request(body, signed(body)).replace(b"Content-Length: ", b"Content-Length: 1\r\nX: ") + b"\r\n\r\n"
        )
        assert status_of(rest(line)) in {400, 401}
    assert "longer" not in [row["event_key"] for row in here.arrivals()]


def test_one_connection_brings_many_hooks_even_without_waiting(here: Site, hurried: tuple[Receiver, int]) -> None:
    _, port = hurried
    with connected(port) as line:
        for number in range(5):
            assert post(line, event(f"kept {number}")) == 200
        line.sendall(b"".join(request(event(f"line {n}"), signed(event(f"line {n}"))) for n in range(5)))
        got = b""
        while got.count(b"HTTP/1.1 200 OK") < 5:
            part = line.recv(65536)
            assert part
            got += part
    keys = {row["event_key"] for row in here.arrivals()}
    assert {f"{kind} {number}" for kind in ("kept", "line") for number in range(5)} <= keys


def test_chunks_of_one_byte_are_a_body_like_any_other(here: Site, hurried: tuple[Receiver, int]) -> None:
    _, port = hurried
    body = event("chunked")
    headers = {**signed(body), "Transfer-Encoding": "chunked"}
    head = request(b"", headers).replace(b"Content-Length: 0\r\n", b"")
    with connected(port) as line:
        line.sendall(head + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
        assert status_of(answer_of(line)) == 200
    assert "chunked" in [row["event_key"] for row in here.arrivals()]


def test_senders_that_vanish_are_counted_and_leave_no_traceback(
    hurried: tuple[Receiver, int], caplog: pytest.LogCaptureFixture
) -> None:
    receiver, port = hurried
    before = receiver.tally.total["hook.sender_left"]
    with structlog.testing.capture_logs() as logged:
        for _ in range(20):
            with connected(port) as line:
                line.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
        wait_until(lambda: receiver.tally.total["hook.sender_left"] == before + 20)
    assert len([entry for entry in logged if entry["event"] == "hook.sender_left"]) <= 1
    assert not [record for record in caplog.records if record.exc_info]


def test_requests_that_pile_up_are_not_kept_and_leave_no_traceback(
    hurried: tuple[Receiver, int], caplog: pytest.LogCaptureFixture
) -> None:
    receiver, port = hurried
    before = receiver.tally.total["request.queue_too_long"]
    for number in range(5):
        body = event(f"piled up {number}")
        with connected(port) as line:
            with suppress(ConnectionError):
                # The first is still being stored when the last one is too many.
                line.sendall(request(body, signed(body)) + b"GET / HTTP/1.1\r\n\r\n" * 5_000)
            rest(line)
    with connected(port) as line:
        assert post(line, event("after the pile")) == 200
    assert receiver.tally.total["request.queue_too_long"] == before + 5
    assert not [record for record in caplog.records if record.exc_info]


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000):
        await send({"type": "http.response.body", "body": MEGABYTE, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_a_reader_that_does_not_read_is_cut() -> None:
    tally = Tally(Clock())
    with running(endless, tally, hook_deadline_s=DEADLINE) as port, connected(port) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        wait_until(lambda: tally.total["request.cut"] == 1, 10)
        assert len(rest(line)) < 100 * len(MEGABYTE)


def test_a_request_is_not_late_because_those_ahead_of_it_are_not_answered_yet() -> None:
    tally, gate = Tally(Clock()), threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await asyncio.to_thread(gate.wait, 10)
        await short(scope, receive, send)

    with running(slow, tally, hook_deadline_s=DEADLINE) as port, connected(port) as line:
        line.sendall(request(b"one", {}) + request(b"two", {}) + request(b"three", {})[:-2])
        begun = time.monotonic()
        wait_until(lambda: time.monotonic() > begun + 2.5 * DEADLINE)
        gate.set()
        line.sendall(b"ee")
        got = b""
        while got.count(b"HTTP/1.1 204") < 3:
            part = line.recv(65536)
            assert part, got
            got += part
    assert tally.total["request.cut"] == 0


async def short(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_more_connections_than_are_taken_are_answered_and_counted(here: Site, caplog: pytest.LogCaptureFixture) -> None:
    with served(here, http_connections=8) as (receiver, port), ExitStack() as standing:
        for _ in range(8):
            standing.enter_context(connected(port))
        for number in range(3):
            with connected(port) as line:
                assert post(line, event(f"surplus {number}")) == 503
        assert receiver.tally.total["request.one_too_many"] == 3
    assert not [record for record in caplog.records if "concurrency" in record.getMessage()]


def test_honest_hooks_pass_while_two_hundred_drip(here: Site) -> None:
    with served(here, hook_deadline_s=2.0) as (receiver, port), ExitStack() as attackers:
        lines = [attackers.enter_context(connected(port)) for _ in range(200)]
        stop = threading.Event()
        dripping = threading.Thread(target=drip, args=(lines, stop))
        dripping.start()
        for number in range(20):
            with connected(port) as line:
                assert post(line, event(f"honest {number}")) == 200
        wait_until(lambda: receiver.tally.total["request.cut"] == 200)
        stop.set()
        dripping.join(10)


def drip(lines: list[socket.socket], stop: threading.Event) -> None:
    slow = HEAD + b"X-Slow: "
    at = 0
    while not stop.wait(0.05):
        for line in lines:
            with suppress(OSError):
                line.sendall(slow[at : at + 1] or b"a")
        at += 1
