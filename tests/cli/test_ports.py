"""A port that is taken, or is none, is said at once and with the option that names another."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from syncd.cli.ports import require_free
from syncd.errors import Misconfigured
from tests.parts.ports import free_port

from .conftest import Syncd
from .logging_kept import logging_kept


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    with logging_kept():
        yield


def test_a_free_port_is_left_free() -> None:
    port = free_port()
    for _ in range(2):
        require_free("127.0.0.1", port, "--port")
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize(("listener", "asked"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")])
def test_a_taken_port_is_refused(listener: str, asked: str) -> None:
    with socket.create_server((listener, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=rf"Port {port} of {asked} cannot be used .*; .* with --sim-port\."):
            require_free(asked, port, "--sim-port")


def test_a_port_that_was_just_given_back_is_free() -> None:
    """What a second run right after the first one finds: connections that still linger."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    require_free("127.0.0.1", port, "--port")


def test_an_address_of_ipv6() -> None:
    try:
        taken = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with taken, pytest.raises(Misconfigured, match="of ::1 cannot be used"):
        require_free("::1", taken.getsockname()[1], "--port")
    require_free("::1", free_port(), "--port")


def test_a_host_that_is_not_ours() -> None:
    with pytest.raises(Misconfigured, match=r"of 192\.0\.2\.1 cannot be used"):
        require_free("192.0.2.1", free_port(), "--port")


def test_any_port_is_no_port() -> None:
    with pytest.raises(Misconfigured, match="choose one with --port"):
        require_free("127.0.0.1", 0, "--port")


@pytest.mark.parametrize("command", ["up", "web", "sim"])
def test_commands_that_listen_say_it_before_they_start_anything(syncd: Syncd, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = syncd(command, "--port", str(taken.getsockname()[1]))
    assert (ended.code, ended.out) == (2, "")
    assert "cannot be used" in ended.err
    assert ended.err.count("\n") == 1


def test_the_demo_wants_two_ports(syncd: Syncd) -> None:
    port = free_port()
    both = syncd("demo", "--port", str(port), "--sim-port", str(port))
    assert (both.code, both.err) == (2, f"syncd: Both ports are {port}; choose another with --sim-port.\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sim = syncd("demo", "--port", str(port), "--sim-port", str(taken.getsockname()[1]))
    assert sim.code == 2
    assert "choose another with --sim-port" in sim.err
