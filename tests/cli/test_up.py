"""What `syncd up` and `syncd demo` would start, and where each part would look for its settings. Starting them is tests/e2e's."""

from __future__ import annotations

import os
import re
import shlex
import signal
import stat
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from syncd.cli import demo
from syncd.cli.chatter import worth_saying
from syncd.cli.own_token import own_token
from syncd.cli.up import STOP_ORDER, answers, handed_on, planned, supervised
from syncd.configuration import load
from syncd.connections.master_key import open_vault
from syncd.embedded.address import found
from syncd.embedded.part import Part
from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.simulator import serve
from syncd.store import heartbeats
from syncd.store.schema import is_current
from syncd.wiring import database, site
from tests.parts.ports import free_port

from .conftest import Syncd
from .logging_kept import logging_kept


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    with logging_kept():
        yield


def as_child(monkeypatch: pytest.MonkeyPatch, env: Mapping[str, str]) -> Settings:
    """What a part with this environment beside ours would read."""
    with monkeypatch.context() as child:
        for name, value in env.items():
            child.setenv(name, value)
        return load()


def test_up_brings_its_own_store_broker_and_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home")
    with planned(settings) as plan:
        parts = {part.name: part for part in plan.parts}
        assert list(parts) == ["valkey", "web", "worker", "beat"], "in the order they are started"
        for name in ("web", "worker", "beat"):
            assert parts[name].argv == (sys.executable, "-m", "syncd", name)
            seen = as_child(monkeypatch, parts[name].env)
            assert (seen.home, seen.database_url) == (settings.home, "")
            assert seen.redis_url.startswith("unix://")
            assert seen.redis_url == found(settings.home), "commands beside it find the broker too"
            assert seen.api_token.get_secret_value() == plan.token
        db = database(settings)
        assert is_current(db), "the parts find their schema"
        db.close()
        folder = Path(parts["worker"].env["TMPDIR"])
        assert folder.is_dir()
        assert plan.token not in repr(plan)
    assert not folder.exists()
    assert found(settings.home) == ""
    assert stat.S_IMODE((settings.home).stat().st_mode) == 0o700


def test_a_beat_that_has_ended_is_signed_off(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with planned(settings), closing(database(settings)) as db, db.write() as tx:
        heartbeats.beat(tx, "beat", heartbeats.BEAT, db.now(tx))
    with closing(database(settings)) as db, db.read() as tx:
        assert [(one.part, one.is_stopped) for one in heartbeats.latest(tx)] == [("beat", True)]


def test_a_broker_that_is_named_is_used(tmp_path: Path) -> None:
    with planned(Settings(home=tmp_path, redis_url="redis://127.0.0.1:6379/0", api_token=SecretStr("given"))) as plan:
        assert [part.name for part in plan.parts] == ["web", "worker", "beat"]
        assert plan.token == "given"
    assert not (tmp_path / "api.token").exists()


def test_flags_are_handed_on_and_what_children_find_themselves_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.toml").write_text('worker_threads = 3\nmaster_keys = "k:very-secret"\nhttp_port = 1\n')
    monkeypatch.setenv("SYNCD_LOG_LEVEL", "error")
    settings = load(tmp_path / "own.toml", http_port=9123, http_host="0.0.0.0")
    env = handed_on(settings)
    assert env == {"SYNCD_HOME": str(settings.home), "SYNCD_HTTP_HOST": "0.0.0.0", "SYNCD_HTTP_PORT": "9123"}
    seen = as_child(monkeypatch, {**env, "SYNCD_CONFIG": str(tmp_path / "own.toml")})
    assert seen.model_dump() == settings.model_dump()


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="name another by SYNCD_HOME"), planned(Settings(home=tmp_path / "file/x")):
        pass


# The demo.


def test_a_key_that_is_missing_is_said_once_before_any_part_is_started(syncd: Syncd, home: Path) -> None:
    db = database(Settings(home=home))
    open_vault(Settings(home=home), db)
    db.close()
    (home / "master.key").unlink()
    ended = syncd("up", "--port", str(free_port()), "--console-port", str(free_port()))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"syncd: {home}/master.key is missing and this database is sealed with master key ")
    assert (ended.err.count("\n"), ended.err.count("master.key")) == (1, 1)


def test_the_demo_touches_nothing_of_the_person_who_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, folder = tmp_path / "theirs", tmp_path / "demo"
    theirs.mkdir()
    folder.mkdir()
    (theirs / "syncd.toml").write_text('database_url = "postgresql://production/dear"\nredis_key_prefix = "p:"\n')
    (theirs / "master_keys").write_text("k:very-secret")
    monkeypatch.chdir(theirs)
    for name, value in {
        "SYNCD_DATABASE_URL": "postgresql://production/dearer",
        "SYNCD_REDIS_URL": "redis://production/0",
        "SYNCD_PUBLIC_URL": "https://production.test",
        "SYNCD_OUTGOING_ALLOW": "desk.production.test",
        "SYNCD_CONFIG": str(theirs / "syncd.toml"),
        "SYNCD_SECRETS_DIR": str(theirs),
        "CREDENTIALS_DIRECTORY": str(theirs),
        "SYNCD_HOME": str(theirs),
    }.items():
        monkeypatch.setenv(name, value)
    settings = demo.at_home(folder, 9001, 9002, 9003)
    with planned(settings, env=demo.apart(folder, os.environ)) as plan:
        parts = [part for part in plan.parts if part.name != "valkey"]
        for part in parts:
            seen = as_child(monkeypatch, part.env)
            assert seen.sql_url() == f"sqlite:///{folder / 'syncd.db'}"
            assert seen.redis_url.startswith("unix://")
            assert (seen.public_url, seen.redis_key_prefix) == ("", "")
            assert seen.master_keys.get_secret_value() == ""
            assert (seen.console_host, seen.console_port, seen.sim_port, seen.sweep_s) == ("127.0.0.1", 9001, 9002, 1.0)
            assert (seen.http_host, seen.http_port) == ("127.0.0.1", 9003)
            assert seen.outgoing_allow == "127.0.0.1:9002", "its simulator, and nothing else"
        assert len(parts) == 3


def test_what_the_demo_says_to_type_in_another_shell_finds_it_and_may_ask_its_pagerduty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = demo.at_home(tmp_path, 9001, 9002, 9003)
    demo.apart(tmp_path, {})
    words = shlex.split(demo.asking(settings))
    told = [word for word in words if re.match("SYNCD_[A-Z_]+=", word)]
    assert words[len(told) :] == [sys.executable, "-m", "syncd", "status"]
    for word in told:
        monkeypatch.setenv(*word.split("=", 1))
    seen = load()
    assert (seen.sql_url(), seen.outgoing_allow) == (f"sqlite:///{tmp_path / 'syncd.db'}", "127.0.0.1:9002")
    assert (seen.public_url, site(seen)) == ("http://127.0.0.1:9003", "http://127.0.0.1:9001")


def test_the_demo_stops_its_parts_before_what_they_need() -> None:
    assert demo.ORDER == (("beat", "web"), ("worker",), ("pagerduty",), ("valkey",))
    assert [name for group in demo.ORDER for name in group if name != "pagerduty"] == [
        name for group in STOP_ORDER for name in group
    ]


# The token.


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = own_token(tmp_path)
    assert len(first) >= 32
    assert own_token(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "api.token").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["api.token"]


def test_daemons_that_start_at_once_have_one_token(tmp_path: Path) -> None:
    tokens: list[str] = []
    starting = [threading.Thread(target=lambda: tokens.append(own_token(tmp_path))) for _ in range(8)]
    for one in starting:
        one.start()
    for one in starting:
        one.join(20)
    assert len(tokens) == 8
    assert set(tokens) == {own_token(tmp_path)}


@pytest.mark.parametrize(("content", "says"), [(b"", "is empty"), (b" \n", "is empty"), (b"\xff", "cannot be read")])
def test_a_spoilt_token_is_not_taken(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "api.token").write_bytes(content)
    with pytest.raises(Misconfigured, match=f"{says}.*delete it"):
        own_token(tmp_path)


# What is said.


@pytest.mark.parametrize(
    ("part", "line", "is_said"),
    [
        ("worker", "", False),
        ("worker", "worker: Warm shutdown (MainProcess)", False),
        ("worker", "worker: Cold shutdown (MainProcess)", False),
        ("worker", "worker: Hitting Ctrl+C again will terminate all running tasks!", False),
        ("worker", "2026-11-21 12:00:00 [error    ] integration.disconnected", True),
        ("web", "worker: Warm shutdown (MainProcess)", True),
        ("valkey", "1:M 21 Nov # WARNING Memory overcommit must be enabled! Without it, ...", False),
        ("valkey", "1:signal-handler (17) Received SIGTERM scheduling shutdown...", False),
        ("valkey", "1:M 21 Nov * Valkey is now ready to exit, bye bye...", False),
        ("valkey", "1:M 21 Nov # Can't save in background: fork: Cannot allocate memory", True),
        ("syncd", "worker ended by itself (exit 1); it starts again in 0.5 s.", True),
    ],
)
def test_only_what_a_person_needs_is_said(part: str, line: str, is_said: bool) -> None:
    assert worth_saying(part, line) is is_said


def test_parts_are_heard_under_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    script = "import signal, sys; print('worker: Warm shutdown'); print(); print('heard'); signal.pause()"
    part = Part("worker", (sys.executable, "-c", script), stop=((signal.SIGTERM, 5.0),))
    heard: list[str] = []

    def ready() -> bool:
        heard.append(capsys.readouterr().out)
        return "heard" in "".join(heard)

    made = Part(part.name, part.argv, stop=part.stop, ready=ready)
    ended = supervised([made], STOP_ORDER, lambda: os.kill(os.getpid(), signal.SIGINT))
    assert ended is signal.SIGINT
    assert "".join(heard) + capsys.readouterr().out == "worker | heard\n"


# Whether somebody answers.


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    status = 200 if scope["path"] == "/healthz" else 503
    await PlainTextResponse("", status)(scope, receive, send)


def test_a_part_is_ready_when_it_answers_whatever_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("http_proxy", nobody)
    with serve(hello) as url:
        assert answers(f"{url}/healthz")
        assert not answers(f"{url}/else")
    assert not answers(nobody)


# Commands that need a broker.


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_without_a_broker_there_is_nothing_to_run(syncd: Syncd, command: str) -> None:
    ended = syncd(command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "syncd: No broker is named; set SYNCD_REDIS_URL, or use `syncd up`, which starts one of its own.\n"
    )
