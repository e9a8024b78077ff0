"""Saying at once, and in a sentence, that an address cannot be listened on, and what to type for another."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from syncd.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Choice:
    """How whoever started us names another port: by an option of a command, or by a variable where make types it."""

    command: str
    option: str = "--port"
    variable: str = ""  # make has a target of the command's name, and hands this on
    setting: str = ""  # where only a setting names it
    host: str = "--host or SYNCD_HTTP_HOST"

    def instead_of(self, port: int) -> str:
        other = port + 10 if port <= 65525 else port - 10
        if self.setting:
            return f"{self.setting}={other}"
        typed = f"`syncd {self.command} {self.option} {other}`"
        return f"{typed} or `make {self.command} {self.variable}={other}`" if self.variable else typed


CONSOLE = Choice("web", "--console-port", host="--console-host or SYNCD_CONSOLE_HOST")
METRICS = Choice("web", setting="SYNCD_METRICS_PORT", host="SYNCD_METRICS_HOST")


def free_port(host: str) -> int:
    """One that nobody listens on at this moment, for what nobody has to know the number of."""
    with socket.create_server((host, 0)) as found:
        return int(found.getsockname()[1])


def require_free(host: str, port: int, choice: Choice) -> None:
    if port == 0:
        message = "Port 0 is a different one each time, and nobody could be told which; choose one: "
        raise Misconfigured(f"{message}{choice.instead_of(8080)}.")
    bound(host, port, choice).close()


def bound(host: str, port: int, choice: Choice) -> socket.socket:
    """Not listened on yet."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except (OSError, UnicodeError) as error:
        made.close()
        raise Misconfigured(_sentence(error, host, port, choice)) from error
    return made


def require_apart(hooks: int, console: int, choice: Choice) -> None:
    if hooks == console:
        raise Misconfigured(
            f"Hooks and the console both want port {hooks}; choose another: {choice.instead_of(hooks)}."
        )


def _sentence(error: OSError | UnicodeError, host: str, port: int, choice: Choice) -> str:
    why = error.strerror if isinstance(error, OSError) else "it is no name"
    # gaierror: the name has no address at all; the other: its address is another machine's.
    if not isinstance(error, OSError) or isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return (
            f"Host {host} is no address of this machine ({why}); correct {choice.host}: 127.0.0.1 is for "
            "this machine alone, 0.0.0.0 for every network it is on."
        )
    return f"Port {port} of {host} cannot be used ({why}); choose another: {choice.instead_of(port)}."
