"""Nothing in the test process reaches beyond this machine; loopback and unix sockets stay open."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.parts.offline import OutsideWorldError, is_here

_ELSEWHERE = "192.0.2.1"  # an address for documentation: nobody answers there


def test_a_connection_to_elsewhere_is_refused() -> None:
    with socket.socket() as line, pytest.raises(OutsideWorldError, match=_ELSEWHERE):
        line.connect((_ELSEWHERE, 80))


def test_a_datagram_to_elsewhere_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line, pytest.raises(OutsideWorldError, match=_ELSEWHERE):
        line.sendto(b"x", (_ELSEWHERE, 53))


@pytest.mark.parametrize("host", ["example.com", b"example.com"], ids=["text", "bytes"])
def test_names_are_not_looked_up(host: str | bytes) -> None:
    with pytest.raises(OutsideWorldError, match=r"resolver for example\.com"):
        socket.getaddrinfo(host, 80)


def test_loopback_and_numbers_are_resolved() -> None:
    for host in ("localhost", "127.0.0.1", _ELSEWHERE, None):
        assert socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)


def test_loopback_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]):
        pass


def test_a_unix_socket_is_reached(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("hooks.localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%lo", False),
        ("localhost.example.com", False),
    ],
)
def test_what_counts_as_here(host: str, here: bool) -> None:
    assert is_here(host) is here
