"""A real Valkey for the whole session on a private unix socket; `redis_url` hands it out empty."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, command, find_binary, running
from syncd.errors import PartFailed
from tests.parts.require import unavailable


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    try:
        find_binary()
    except PartFailed as missing:
        unavailable("valkey", str(missing))
    with private_folder() as folder, running(Valkey(folder, durable=False)) as server:
        yield server


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """In redis-py's form, emptied before each test."""
    assert command(valkey, "FLUSHALL") == b"+OK\r\n"
    return valkey.url
