"""PgBouncer in transaction mode before a PostgreSQL: Debian's package, started for a test and stopped after it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from syncd.embedded.process import end, spawn
from tests.e2e.waiting import until
from tests.parts.ports import free_port
from tests.parts.postgres import Postgres

SERVERS = 3  # fewer than there are clients, so that they do share


@dataclass(frozen=True, slots=True)
class Bouncer:
    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"


@contextmanager
def bouncing(postgres: Postgres) -> Iterator[Bouncer]:
    binary = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if binary is None:
        pytest.skip("left out: pgbouncer: it is not installed here (Debian's package is called pgbouncer)")
    made = Bouncer(free_port())
    folder = Path(tempfile.mkdtemp(prefix="syncd-pgb-"))
    try:
        settings = folder / "pgbouncer.ini"
        settings.write_text(_settings(postgres, made.port), encoding="utf-8")
        # It refuses to run as root, as the server does.
        folder.chmod(0o755)
        with (folder / "pgbouncer.log").open("wb") as log:
            process = spawn([binary, str(settings)], output=log, user=postgres.owner)
        try:
            until(lambda: _answers(made), f"PgBouncer answers ({pwd.getpwuid(postgres.owner).pw_name})", 10)
            yield made
        finally:
            end(process, ((signal.SIGTERM, 5.0),))
    finally:
        shutil.rmtree(folder)


def _settings(postgres: Postgres, port: int) -> str:
    return f"""[databases]
* = host={postgres.home} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVERS}
max_client_conn = 200
"""


def _answers(bouncer: Bouncer) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=bouncer.port, user="postgres", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True
