"""`syncd config check`: 0 in order, 1 a variable nobody reads, 2 a fault, 3 an address that does not answer; a line for each."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from syncd.cli import config_check
from syncd.store.database import Database
from tests.parts.ports import free_port

from .conftest import Ended, Syncd

ROOT = Path(__file__).parents[2]


def told(ended: Ended) -> dict[str, str]:
    """What was asked -> how that went."""
    return {words[0]: words[1] for line in ended.out.splitlines() if (words := line.split(maxsplit=2))}


def test_what_is_in_order(syncd: Syncd, home: Path) -> None:
    ended = syncd("config", "check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        f"database  ok      {home}/syncd.db answers.\n"
        "redis     ok      None is named; `syncd up` starts one of its own.\n"
        "The settings are in order.\n"
    )


def test_a_home_that_was_never_used_is_in_order_and_left_as_it_is(
    syncd: Syncd, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_HOME", str(home / "unused"))
    ended = syncd("config", "check")
    assert ended.code == 0
    assert f"There is no {home}/unused/syncd.db yet; `syncd up` makes it." in ended.out
    assert not (home / "unused").exists()


def test_a_database_without_a_schema_answers(syncd: Syncd, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "empty.db").touch()
    monkeypatch.setenv("SYNCD_DATABASE_URL", f"sqlite:///{home}/empty.db")
    ended = syncd("config", "check")
    assert (ended.code, told(ended)["database"]) == (0, "ok")
    assert "no schema yet, which `syncd db upgrade` makes" in ended.out


def test_servers_that_answer(
    syncd: Syncd, migrated_server: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", migrated_server.url.render_as_string(hide_password=False))
    monkeypatch.setenv("SYNCD_REDIS_URL", redis_url)
    ended = syncd("config", "check")
    assert (ended.code, told(ended)["database"], told(ended)["redis"]) == (0, "ok", "ok")


def test_servers_that_are_away(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", f"postgresql://me:hunter2@127.0.0.1:{free_port()}/none")
    monkeypatch.setenv("SYNCD_REDIS_URL", f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("SYNCD_WOBBLE", "1")
    ended = syncd("config", "check")
    assert (ended.code, ended.err) == (3, "")
    assert (told(ended)["database"], told(ended)["redis"]) == ("failed", "failed")
    assert ended.out.count("efused") == 2, "each with its cause"
    assert "! SYNCD_WOBBLE is no setting" in ended.out, "everything is told at once"
    assert "hunter2" not in ended.out
    assert "in order" not in ended.out


def test_servers_that_hang(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_check, "WITHIN", 1)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        port = hanging.getsockname()[1]
        monkeypatch.setenv("SYNCD_DATABASE_URL", f"postgresql://127.0.0.1:{port}/none")
        monkeypatch.setenv("SYNCD_REDIS_URL", f"redis://127.0.0.1:{port}/0")
        ended = syncd("config", "check")
    assert ended.code == 3
    assert ended.out.lower().count("time") == 2, "each with its cause"


@pytest.mark.parametrize("command", [("config", "check"), ("status",), ("cases", "open", "x"), ("support-bundle",)])
def test_a_redis_address_that_cannot_be_read_is_told_before_anything_and_not_quoted(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SYNCD_REDIS_URL", "redis://me:hunter/2@127.0.0.1/0")
    ended = syncd(*command)
    assert (ended.code, ended.out) == (2, "")
    assert "SYNCD_REDIS_URL is not valid; it takes redis://" in ended.err
    assert "hunter" not in ended.err
    assert len(ended.err.splitlines()) == 1


def test_an_address_that_is_none_is_a_fault_whatever_else_is_away(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", "mysql://here/there")
    monkeypatch.setenv("SYNCD_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    ended = syncd("config", "check")
    assert (ended.code, told(ended)) == (2, {"database": "failed", "redis": "failed"})


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("SYNCD_THREADS", "did you mean SYNCD_WORKER_THREADS?"),
        ("SYNCD_PORT", "did you mean SYNCD_SIM_PORT or SYNCD_HTTP_PORT?"),
        ("SYNCD_TOKENN", "did you mean SYNCD_TOKEN or SYNCD_API_TOKEN?"),
        ("SYNCD_QQQQ", "`syncd config show` has all there are."),
    ],
)
def test_a_variable_that_nobody_reads_is_a_finding(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch, variable: str, says: str
) -> None:
    monkeypatch.setenv(variable, "1")
    ended = syncd("config", "check")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines()[0] == f"! {variable} is no setting of syncd; {says}"
    assert "in order" not in ended.out
    monkeypatch.setenv(variable, "")
    assert syncd("config", "check").code == 0


def test_every_variable_the_program_reads_is_known() -> None:
    sources = [*ROOT.glob("syncd/**/*.py"), *ROOT.glob("workers/*.py")]
    read = {
        name for path in sources for name in re.findall(r"\bSYNCD_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    assert len(read) > 12
    assert read <= {f"SYNCD_{name}" for name in config_check._NAMES}
