"""What is connected to is the very address that was allowed: nothing resolves a second time, and nobody stands between."""

# ruff: noqa: ARG002 - a backend is handed more than these tests look at.

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from itertools import chain, repeat

import httpcore
import pytest

from syncd.errors import Ambiguous, OffLimits, Unreachable
from syncd.outgoing import PUBLIC_ONLY, Outgoing, parsed
from syncd.systems import casedesk, wire
from syncd.systems.http import Http
from syncd.systems.pagerduty import client
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port
from tests.systems.misbehaving import Peer, misbehaving
from tests.systems.test_http import ok
from tests.systems.trips import trip


class Remembering(httpcore.NetworkBackend):
    """Where connections would have gone."""

    def __init__(self) -> None:
        self.went: list[str] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.went.append(host)
        return httpcore.NetworkStream()


def connecting(answers: Iterable[Sequence[str]], times: int = 1, openings: Outgoing = PUBLIC_ONLY) -> list[str]:
    """Where so many connections to one name go, whose resolver gives these answers one after the other."""
    given, plain = iter(answers), Remembering()
    backend = wire.Backend(openings, lambda _host, _port: list(next(given)), plain)
    with wire.under(wire.Call(trip().left)):
        for _ in range(times):
            backend.connect_tcp("desk.test", 443)
    return plain.went


def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_allowed() -> None:
    """A second look-up between the check and the connection would have led inside."""
    assert connecting(chain([["1.1.1.1"]], repeat(["127.0.0.1"]))) == ["1.1.1.1"]


def test_each_connection_is_judged_by_its_own_answer() -> None:
    with pytest.raises(OffLimits, match=r"127\.0\.0\.1"):
        connecting(chain([["1.1.1.1"]], repeat(["127.0.0.1"])), times=2)
    assert connecting([["127.0.0.1"], ["1.1.1.1"]], 2, LOOPBACK) == ["127.0.0.1", "1.1.1.1"]


@pytest.mark.parametrize(
    "answer",
    [
        ["1.1.1.1", "10.0.0.1"],
        ["10.0.0.1", "1.1.1.1"],
        ["2606:4700::1111", "fd00::1"],
        ["1.1.1.1", "64:ff9b::a00:1"],
        ["1.1.1.1", "fe80::1%eth0"],
    ],
)
def test_one_inner_address_among_others_refuses_the_name(answer: list[str]) -> None:
    with pytest.raises(OffLimits):
        connecting([answer])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1", "fe80::1%eth0", "64:ff9b::7f00:1"])
def test_a_number_is_judged_without_a_resolver(host: str) -> None:
    def never(_host: str, _port: int) -> list[str]:
        pytest.fail("It was resolved.")

    plain = Remembering()
    with wire.under(wire.Call(trip().left)), pytest.raises(OffLimits):
        wire.Backend(PUBLIC_ONLY, never, plain).connect_tcp(host, 443)
    assert plain.went == []


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1"])
def test_an_odd_number_is_judged_by_what_the_resolver_makes_of_it(host: str) -> None:
    with wire.under(wire.Call(trip().left)), pytest.raises(OffLimits, match=r"because 127\.0\.0\.1 is"):
        wire.Backend(PUBLIC_ONLY, lambda name, _: [socket.inet_ntoa(socket.inet_aton(name))]).connect_tcp(host, 80)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_address_was_never_reached_and_leaves_its_request_on_record(method: str) -> None:
    once = trip()
    with misbehaving(ok) as server, pytest.raises(OffLimits, match="SYNCD_OUTGOING_ALLOW="):
        Http("Desk", server.url, {}).send(once, method, "/x", json={})
    assert server.accepted == 0
    assert [one.status for one in once.exchanges] == [None]
    assert issubclass(OffLimits, Unreachable)


def test_what_the_refusal_says_to_set_lets_the_request_through() -> None:
    with misbehaving(ok) as server:
        with pytest.raises(OffLimits) as caught:
            Http("Desk", server.url, {}).send(trip(), "GET", "/x")
        told = str(caught.value).partition("SYNCD_OUTGOING_ALLOW=")[2].partition(" ")[0]
        Http("Desk", server.url, {}, outgoing=parsed(told)).send(trip(), "GET", "/x")
    assert server.accepted == 1


def test_a_redirect_leads_nowhere() -> None:
    """Not even to what is open."""
    with misbehaving(ok) as inside:

        def sends_on(peer: Peer) -> None:
            peer.request()
            peer.say(f"HTTP/1.1 307 See there\r\nLocation: {inside.url}/x\r\nContent-Length: 0\r\n\r\n".encode())

        with misbehaving(sends_on) as server, pytest.raises(Ambiguous) as caught:
            Http("Desk", server.url, {}, outgoing=LOOPBACK).send(trip(), "POST", "/x", json={})
        assert caught.value.status == 307
        assert inside.accepted == 0


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with misbehaving(ok) as proxy, misbehaving(ok) as server:
        monkeypatch.setenv(variable, proxy.url)
        Http("Desk", server.url, {}, outgoing=LOOPBACK).send(trip(), "GET", "/x")
        assert (proxy.accepted, server.accepted) == (0, 1)


def test_both_systems_are_closed_unless_they_are_opened() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for made in (client.http("k" * 20, "bot@syncd.test", url), casedesk.http(url, "token")):
        with pytest.raises(OffLimits):
            made.send(trip(), "GET", "/x")


def test_pagerdutys_own_hosts_need_no_opening() -> None:
    """Where addresses of IPv4 are translated, they do not look public."""
    opened = PUBLIC_ONLY.besides(client.OWN_HOSTS)
    for host in ("api.pagerduty.com", "api.eu.pagerduty.com"):
        opened.refuse(host, 443, ["64:ff9b::6353:ff01", "10.0.0.7"])
        for elsewhere, port in ((host, 80), (f"{host}.evil.test", 443)):
            with pytest.raises(OffLimits):
                opened.refuse(elsewhere, port, ["10.0.0.7"])
