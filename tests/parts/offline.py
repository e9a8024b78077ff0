"""No test reaches beyond this machine: Python's own sockets refuse it in the test process (drivers in C and children are not seen)."""

from __future__ import annotations

import ipaddress
import sys


class OutsideWorldError(RuntimeError):
    """Not an OSError: code under test must not take it for a network that is down."""


def refuse_outside(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if isinstance(address, tuple) and not is_here(str(address[0])):
            raise OutsideWorldError(
                f"A test tried to connect to {address[0]}: only loopback and unix sockets are open."
            )
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        if host and not is_here(_text(host)) and not _is_numeric(_text(host)):
            raise OutsideWorldError(f"A test asked the resolver for {_text(host)}: hand it a resolver of its own.")


def is_here(host: str) -> bool:
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    return _is_numeric(host) and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _text(host: object) -> str:
    return host.decode("idna") if isinstance(host, bytes) else str(host)


def pytest_configure() -> None:
    # An audit hook cannot be removed: it lasts as long as the test process, which is what is wanted.
    sys.addaudithook(refuse_outside)
