"""The API token that an embedded daemon makes for itself, once, in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from syncd.errors import Misconfigured

FILE = "api.token"


def own_token(home: Path) -> str:
    path = home / FILE
    if not path.exists():
        _make(path)
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read as a token; delete it, and a new one is made.") from error
    if not token:
        raise Misconfigured(f"{path} is empty; delete it, and a new one is made.")
    return token


def _make(path: Path) -> None:
    """It appears whole or not at all, and only one of several who make it at once."""
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"{path.parent} cannot be written to ({error.strerror}); correct SYNCD_HOME, or the folder's rights."
        raise Misconfigured(message) from error
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(24)}\n")
        with suppress(FileExistsError):
            os.link(making, path)
    finally:
        making.unlink()
