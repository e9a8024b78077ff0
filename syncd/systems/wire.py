"""Sockets on a deadline: no look-up, handshake, read or write outlives it, however slowly the far side drips.

What is connected to is the very address that was allowed; no proxy is asked.

A library's own timeouts begin anew with every byte, so a far side that sends one now and then holds a call for ever.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpcore

from syncd.outgoing import Outgoing

Resolve = Callable[[str, int], list[str]]


@dataclass(slots=True)
class Call:
    """One request under way. `has_sent`: some of it left this machine, so it may have been acted upon."""

    left: Callable[[], float]
    has_sent: bool = False


_CALL: ContextVar[Call] = ContextVar("call")


@contextmanager
def under(call: Call) -> Iterator[None]:
    """Sockets used by this thread in the block obey this call's deadline."""
    token = _CALL.set(call)
    try:
        yield
    finally:
        _CALL.reset(token)


def _left(late: type[httpcore.TimeoutException]) -> float:
    left = _CALL.get().left()
    if left <= 0:
        raise late("The time for this call is over.")
    return left


class Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the call's deadline rules
        return self._inner.read(max_bytes, _left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the call's deadline rules
        sock: socket.socket = self._inner.get_extra_info("socket")
        rest = memoryview(buffer)
        while rest:
            left = _left(httpcore.WriteTimeout)
            try:
                sock.settimeout(left)
                sent = sock.send(rest)
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error
            _CALL.get().has_sent = True
            rest = rest[sent:]

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the call's deadline rules
    ) -> httpcore.NetworkStream:
        return Stream(self._inner.start_tls(ssl_context, server_hostname, _left(httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    def __init__(
        self, outgoing: Outgoing, resolve: Resolve | None = None, plain: httpcore.NetworkBackend | None = None
    ) -> None:
        """`plain` is handed numbers only, so that nothing is looked up a second time."""
        self._outgoing = outgoing
        self._plain, self._resolve = plain or httpcore.SyncBackend(), resolve or system_resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the call's deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        options = list(socket_options or ())
        addresses = _addresses(host, port, self._resolve)
        self._outgoing.refuse(host.strip("[]"), port, addresses)
        for tries_left in range(len(addresses), 0, -1):
            # An address that swallows packets must leave time for the next one.
            share = _left(httpcore.ConnectTimeout) / tries_left
            try:
                return Stream(self._plain.connect_tcp(addresses[-tries_left], port, share, local_address, options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if tries_left == 1:
                    raise
        raise httpcore.ConnectError(f"{host} has no address.")


def _addresses(host: str, port: int, resolve: Resolve) -> list[str]:
    """A resolver knows no deadline: it runs aside, and is left behind when time is over."""
    try:
        return [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        pass
    found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, port, resolve, found), name="resolver", daemon=True).start()
    try:
        answer = found.get(timeout=_left(httpcore.ConnectTimeout))
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"The name {host} was not resolved in time.") from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(f"The name {host} cannot be resolved ({answer}).") from answer
    return answer


def _look_up(host: str, port: int, resolve: Resolve, found: queue.SimpleQueue[list[str] | Exception]) -> None:
    try:
        found.put(resolve(host, port))
    except (OSError, UnicodeError) as error:
        found.put(error)


def system_resolver(host: str, port: int) -> list[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def pool(
    context: ssl.SSLContext | None, connections: int, idle_s: float, outgoing: Outgoing
) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=context,
        max_connections=connections,
        max_keepalive_connections=connections,
        keepalive_expiry=idle_s,
        network_backend=Backend(outgoing),
    )
