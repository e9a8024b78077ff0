"""Saying at once, and in a sentence, that a port cannot be had."""

from __future__ import annotations

import socket

from syncd.errors import Misconfigured


def require_free(host: str, port: int, option: str) -> None:
    if port == 0:
        message = f"Port 0 is a different one each time, and nobody could be told which; choose one with {option}."
        raise Misconfigured(message)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"Port {port} of {host} cannot be used ({error.strerror}); choose another with {option}."
            raise Misconfigured(message) from error
