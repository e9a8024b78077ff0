"""The deadline of a trip against far sides that never quite stop talking."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpcore
import pytest

from syncd.errors import Ambiguous, SideError, Unreachable
from syncd.systems import wire
from syncd.systems.http import Http
from syncd.systems.trip import Trip
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port
from tests.systems.misbehaving import Peer, misbehaving
from tests.systems.trips import trip

SECONDS = 0.6
LATE = SECONDS + 1.5  # a busy machine may wake us late; a timeout that begins anew with each byte never ends


def drips_headers(peer: Peer) -> None:
    peer.request()
    peer.drip(b"HTTP/1.1 200 OK\r\nX-Drip: xxxx")


def drips_a_body(peer: Peer) -> None:
    peer.request()
    peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    peer.drip(b"x")


def drips_chunks(peer: Peer) -> None:
    peer.request()
    peer.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    peer.drip(b"1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n0")


def drips_continues(peer: Peer) -> None:
    peer.request()
    while not peer.is_over.wait(0.05):
        peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")


def says_nothing(peer: Peer) -> None:
    peer.request()
    peer.idle()


@pytest.mark.parametrize("script", [drips_headers, drips_a_body, drips_chunks, drips_continues, says_nothing])
def test_no_read_outlives_the_trip(script: Callable[[Peer], None]) -> None:
    with misbehaving(script) as server:
        took = _takes(server.url, "GET", Unreachable)
    assert SECONDS * 0.9 <= took < LATE


def drips_a_handshake(peer: Peer) -> None:
    peer.say(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03")
    peer.drip(b"\x00")


def test_no_handshake_outlives_the_trip() -> None:
    with misbehaving(drips_a_handshake) as server:
        took = _takes(server.tls_url, "GET", Unreachable)
    assert SECONDS * 0.9 <= took < LATE


def test_a_handshake_that_failed_sent_nothing() -> None:
    with misbehaving(lambda peer: peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server, pytest.raises(Unreachable):
        Http("Desk", server.tls_url, {}, outgoing=LOOPBACK).send(trip(), "POST", "/x", json={})


def _takes(url: str, method: str, error: type[SideError]) -> float:
    desk, once = Http("Desk", url, {}, outgoing=LOOPBACK), trip(SECONDS)
    began = time.monotonic()
    with pytest.raises(error):
        desk.send(once, method, "/x")
    took = time.monotonic() - began
    desk.close()
    assert len(once.exchanges) == 1
    return took


def hurried() -> Trip:
    """A trip whose ten seconds pass in one: a write may begin, and the test need not wait."""
    return Trip.begin("e7-1", lambda: time.monotonic() * 10)


@pytest.mark.parametrize("script", [drips_headers, drips_a_body, drips_continues])
def test_a_write_that_is_answered_in_drips_is_in_doubt(script: Callable[[Peer], None]) -> None:
    began = time.monotonic()
    with misbehaving(script) as server, pytest.raises(Ambiguous):
        Http("Desk", server.url, {}, outgoing=LOOPBACK).send(hurried(), "POST", "/x", json={})
    assert time.monotonic() - began < 2.5


def test_a_request_that_is_taken_in_sips_ends_with_the_trip() -> None:
    def sips(peer: Peer) -> None:
        while not peer.is_over.wait(0.02):
            peer.sock.recv(1024)

    large = b"x" * 16_000_000  # More than the kernel holds back for a reader this slow.
    headers = [("Host", "desk.test"), ("Content-Length", str(len(large)))]
    call, pool = wire.Call(trip(SECONDS).left), wire.pool(None, 1, 4.0, LOOPBACK)
    with misbehaving(sips) as server, wire.under(call), pytest.raises(httpcore.WriteTimeout):
        pool.handle_request(httpcore.Request("POST", server.url, headers=headers, content=large))
    assert call.has_sent
    assert call.left() > SECONDS - LATE


def test_a_full_pool_is_waited_for_no_longer_than_the_trip() -> None:
    with misbehaving(says_nothing) as server:
        pool = wire.pool(None, 1, 4.0, LOOPBACK)
        started = threading.Event()
        holder = threading.Thread(target=_hold, args=(pool, server.url, started))
        holder.start()
        assert started.wait(5)
        with pytest.raises(httpcore.PoolTimeout):
            pool.handle_request(httpcore.Request("GET", server.url, extensions={"timeout": {"pool": 0.1}}))
        server.is_over.set()
        holder.join()
        pool.close()


def _hold(pool: httpcore.ConnectionPool, url: str, started: threading.Event) -> None:
    def left() -> float:
        started.set()
        return 5.0

    with wire.under(wire.Call(left)), pytest.raises(httpcore.RemoteProtocolError):
        pool.handle_request(httpcore.Request("GET", url, headers={"Host": "desk.test"}))


def test_a_resolver_that_hangs_is_left_behind() -> None:
    never = threading.Event()

    def hangs(_host: str, _port: int) -> list[str]:
        never.wait(30)
        return []

    call = wire.Call(trip(0.2).left)
    began = time.monotonic()
    with wire.under(call), pytest.raises(httpcore.ConnectTimeout):
        wire.Backend(LOOPBACK, hangs).connect_tcp("desk.test", 80)
    assert time.monotonic() - began < 1.5
    assert not call.has_sent
    never.set()


def test_a_name_without_an_address_is_a_connection_never_made() -> None:
    def fails(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    resolvers: list[wire.Resolve] = [fails, lambda _host, _port: []]
    for resolve in resolvers:
        with wire.under(wire.Call(trip().left)), pytest.raises(httpcore.ConnectError):
            wire.Backend(LOOPBACK, resolve).connect_tcp("desk.test", 80)


def test_the_next_address_is_tried_when_the_first_refuses() -> None:
    with misbehaving(says_nothing) as server:
        # Nothing listens on ::1 at the server's port, so the first address refuses.
        with wire.under(wire.Call(trip().left)):
            stream = wire.Backend(LOOPBACK, lambda _host, _port: ["::1", "127.0.0.1"]).connect_tcp(
                "desk.test", server.port
            )
        stream.close()


@contextmanager
def full(address: str, port: int) -> Iterator[None]:
    """A listener that accepts nobody and has no room left: whoever connects next hears nothing."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((address, port))
        yield


def test_an_address_that_swallows_packets_is_given_up_in_time() -> None:
    port = free_port()
    with full("127.0.0.2", port), pytest.raises(Unreachable):
        Http("Desk", f"http://127.0.0.2:{port}", {}, outgoing=LOOPBACK).send(trip(SECONDS), "GET", "/x")


def test_an_address_that_swallows_packets_leaves_time_for_the_next() -> None:
    with misbehaving(says_nothing) as server, full("127.0.0.2", server.port):
        once = trip(2 * SECONDS)
        with wire.under(wire.Call(once.left)):
            backend = wire.Backend(LOOPBACK, lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
            backend.connect_tcp("desk.test", server.port).close()
        assert once.left() > 0
