"""The certificates convince real clients, and nobody else's authority does; the front makes a rediss:// of the session's Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from syncd.embedded.valkey import Valkey
from tests.parts.ports import free_port
from tests.parts.postgres import Postgres, serving
from tests.parts.tls import Certificates, issue, tls_front


def test_redis_is_reached_over_verified_tls(valkey: Valkey, certificates: Certificates) -> None:
    authority = str(certificates.authority)
    with (
        tls_front(valkey.socket_path, certificates) as port,
        redis.Redis.from_url(f"rediss://127.0.0.1:{port}/0", ssl_ca_certs=authority) as client,
    ):
        assert client.echo("x" * 100_000) == b"x" * 100_000


def test_another_authority_is_not_believed(valkey: Valkey, certificates: Certificates, tmp_path: Path) -> None:
    strangers = issue(tmp_path)
    once = Retry(NoBackoff(), 0)
    with tls_front(valkey.socket_path, certificates) as port:
        url = f"rediss://127.0.0.1:{port}/0"
        with (
            redis.Redis.from_url(url, ssl_ca_certs=str(strangers.authority), retry=once) as client,
            pytest.raises(redis.exceptions.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            client.ping()


@pytest.fixture
def postgres_with_tls(postgres: Postgres, certificates: Certificates) -> Iterator[int]:
    """PostgreSQL on TCP, TLS only by the client's wish."""
    port = free_port()
    options = {"listen_addresses": "127.0.0.1", "port": str(port)}
    with serving(options, certificates=certificates):
        yield port


def test_postgres_is_reached_with_verify_full(postgres_with_tls: int, certificates: Certificates) -> None:
    url = f"postgresql://postgres@localhost:{postgres_with_tls}/postgres?sslmode=verify-full&sslrootcert={certificates.authority}"
    with psycopg.connect(url) as line:
        assert line.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
