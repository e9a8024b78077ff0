"""A port that is taken, or is none, is said at once and with the option that names another."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cli.ports import METRICS, Choice, require_free
from syncd.errors import Misconfigured
from tests.parts.ports import free_port

from .conftest import Syncd
from .logging_kept import logging_kept

ROOT = Path(__file__).parents[2]
UP, SIM = Choice("up", variable="PORT"), Choice("sim")


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    with logging_kept():
        yield


def test_a_free_port_is_left_free() -> None:
    port = free_port()
    for _ in range(2):
        require_free("127.0.0.1", port, UP)
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize(("listener", "asked"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")])
def test_a_taken_port_is_refused(listener: str, asked: str) -> None:
    with socket.create_server((listener, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            Misconfigured, match=rf"Port {port} of {asked} cannot be used .*; .* `syncd sim --port \d+`\."
        ):
            require_free(asked, port, SIM)


def test_another_port_can_be_named_to_the_command_and_to_make() -> None:
    assert UP.instead_of(8080) == "`syncd up --port 8090` or `make up PORT=8090`"
    assert METRICS.instead_of(9464) == "SYNCD_METRICS_PORT=9474"
    assert Choice("web").instead_of(65535) == "`syncd web --port 65525`"


@pytest.mark.parametrize(
    ("target", "options"),
    [
        (("demo",), "syncd demo"),
        (("demo", "PORT=8090"), "syncd demo --port 8090"),
        (("demo", "PORT=8090", "SIM_PORT=8091"), "syncd demo --port 8090 --sim-port 8091"),
        (("up",), "syncd up"),
        (("up", "PORT=8090"), "syncd up --port 8090"),
    ],
)
def test_make_hands_the_ports_on(target: tuple[str, ...], options: str) -> None:
    typed = subprocess.run(["make", "-n", *target], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [" ".join(found.split()) for found in re.findall(r"/(syncd .*?)\|\|", typed.stdout)] == [options]


def test_a_port_that_was_just_given_back_is_free() -> None:
    """What a second run right after the first one finds: connections that still linger."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()
    require_free("127.0.0.1", port, UP)


def test_an_address_of_ipv6() -> None:
    try:
        taken = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with taken, pytest.raises(Misconfigured, match="of ::1 cannot be used"):
        require_free("::1", taken.getsockname()[1], UP)
    require_free("::1", free_port(), UP)


def test_a_host_that_is_not_ours() -> None:
    for host in ("192.0.2.1", "nowhere.invalid", "x" * 64):
        with pytest.raises(
            Misconfigured, match=rf"^Host {host} is no address of this machine .*; correct --host"
        ) as no:
            require_free(host, free_port(), UP)
        assert "ort " not in str(no.value), "the port is not to blame"


def test_any_port_is_no_port() -> None:
    with pytest.raises(Misconfigured, match=r"choose one: `syncd up --port 8090` or `make up PORT=8090`\."):
        require_free("127.0.0.1", 0, UP)


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
    assert (both.code, both.err.count("\n")) == (2, 1)
    assert both.err.startswith(f"syncd: Both ports are {port}; choose another: `syncd demo --sim-port ")
    assert "`make demo SIM_PORT=" in both.err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sim = syncd("demo", "--port", str(port), "--sim-port", str(taken.getsockname()[1]))
    assert sim.code == 2
    assert "`make demo SIM_PORT=" in sim.err
