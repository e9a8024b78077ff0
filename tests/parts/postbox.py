"""Receivers of notices on this machine's loopback: a web server that keeps what is posted to it, and a mail server that keeps mail."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Postbox:
    """`answers`: the status of the next answers, one each; after them 200."""

    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)
    envelopes: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web() -> Iterator[Postbox]:
    box = Postbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            box.posted.append(Posted(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(box.answers.pop(0) if box.answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Nobody reads it."""

    with _served(ThreadingHTTPServer(("127.0.0.1", 0), Handler), box):
        yield box


@contextmanager
def mail() -> Iterator[Postbox]:
    """As much of SMTP as a client without TLS and without a password needs."""
    box = Postbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 postbox")
            while line := self.rfile.readline().decode().strip():
                verb = line.partition(" ")[0].upper()
                if verb in {"MAIL", "RCPT"}:
                    box.envelopes.append(line)
                if verb == "RCPT" and box.answers:
                    self.say(f"{box.answers.pop(0)} not here")
                elif verb == "DATA":
                    self.say("354 go on")
                    box.mails.append(message_from_bytes(self.until_dot()))
                    self.say("250 kept")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def until_dot(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler), box):
        yield box


@contextmanager
def _served(server: socketserver.TCPServer, box: Postbox) -> Iterator[None]:
    box.port = int(server.server_address[1])
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
