"""A TCP server on loopback whose every connection follows a script: for far sides that no HTTP server would play."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[["Peer"], None]


@dataclass
class Peer:
    """One accepted connection."""

    sock: socket.socket
    is_over: threading.Event

    def request(self) -> bytes:
        """Everything of one request: its headers, and as much body as they announce."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        need = int(lengths[0].split(b":")[1]) if lengths else 0
        while len(body) < need:
            body += self._more()
        return head + b"\r\n\r\n" + body

    def _more(self) -> bytes:
        piece = self.sock.recv(65_536)
        if not piece:
            raise ConnectionResetError
        return piece

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, every_s: float = 0.05) -> None:
        """Byte after byte, the last one again and again, until the caller hangs up or the test ends."""
        for at in range(1_000_000):
            if self.is_over.wait(every_s):
                return
            self.sock.sendall(data[min(at, len(data) - 1) :][:1])

    def idle(self) -> None:
        self.is_over.wait(60)


@dataclass
class Misbehaving:
    script: Script
    port: int
    is_over: threading.Event = field(default_factory=threading.Event)
    accepted: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def work(self, listener: socket.socket) -> None:
        peers = []
        with suppress(OSError):  # The listener was closed: the test is over.
            while True:
                sock, _ = listener.accept()
                self.accepted += 1
                peers.append(threading.Thread(target=self._play, args=(sock,)))
                peers[-1].start()
        for peer in peers:
            peer.join()

    def _play(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            self.script(Peer(sock, self.is_over))


@contextmanager
def misbehaving(script: Script) -> Iterator[Misbehaving]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Misbehaving(script, listener.getsockname()[1])
    thread = threading.Thread(target=server.work, args=(listener,))
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
