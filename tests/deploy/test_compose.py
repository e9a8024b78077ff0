"""compose.yaml and its neighbours: what can be checked without Docker. Names of settings and commands must be real ones."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncd.settings import Settings

Yaml = Mapping[str, Any]  # as parsed, unchecked

_ROOT = Path(__file__).parents[2]
_DEPLOY = _ROOT / "deploy"
_PARTS = ("migrate", "web", "worker", "beat")
# Read before there are settings: they say where settings are.
_WHERE = {"SYNCD_CONFIG", "SYNCD_SECRETS_DIR"}


@pytest.fixture(scope="module")
def compose() -> Yaml:
    loaded: Yaml = yaml.safe_load((_DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_it_has_one_service_for_each_part_and_the_two_servers(compose: Yaml) -> None:
    assert set(compose["services"]) == {"postgres", "redis", *_PARTS}


def test_redis_never_evicts_and_keeps_a_file(compose: Yaml) -> None:
    command = " ".join(compose["services"]["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command


@pytest.mark.parametrize("name", ["postgres", "redis", "web"])
def test_what_can_be_asked_is_asked(compose: Yaml, name: str) -> None:
    assert {"test", "interval", "timeout", "retries"} <= set(compose["services"][name]["healthcheck"])


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_runs_before_the_migration_is_done(compose: Yaml, name: str) -> None:
    waits = compose["services"][name]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert compose["services"]["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert waits["redis"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", _PARTS)
def test_our_parts_can_do_little(compose: Yaml, name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_servers_are_reached_from_nowhere_else(compose: Yaml) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["inside"]
        assert "ports" not in compose["services"][name]
    web = compose["services"]["web"]
    assert all(str(port).startswith("127.0.0.1:") for port in web["ports"])
    assert [str(port).rpartition(":")[2] for port in web["ports"]] == ["8080", "8082"]
    assert web["environment"].items() > compose["services"]["worker"]["environment"].items()


def test_every_secret_is_a_file_and_a_setting(compose: Yaml) -> None:
    own = {name for part in _PARTS for name in compose["services"][part]["secrets"]}
    assert own <= set(Settings.model_fields)
    assert own | {"postgres_password"} == set(compose["secrets"])
    assert all(secret["file"] == f"./secrets/{name}" for name, secret in compose["secrets"].items())


def test_no_secret_is_given_as_a_variable(compose: Yaml) -> None:
    for part in _PARTS:
        variables = {name.removeprefix("SYNCD_").lower() for name in compose["services"][part]["environment"]}
        assert not variables & set(compose["secrets"])


def _files() -> Iterator[Path]:
    yield from (path for path in _DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parts)
    yield _ROOT / "Procfile"


@pytest.mark.parametrize("path", list(_files()), ids=lambda path: str(path.relative_to(_ROOT)))
def test_every_variable_named_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"\bSYNCD_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
    known = {f"SYNCD_{field.upper()}" for field in Settings.model_fields} | _WHERE
    assert named <= known


def test_the_example_shows_the_defaults_it_claims_to_show() -> None:
    shown = dict(
        re.findall(r"^#(SYNCD_\w+)=(.*)$", (_DEPLOY / "env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for name in ("log_level", "http_host", "http_port", "console_host", "console_port"):
        assert shown[f"SYNCD_{name.upper()}"] == str(Settings.model_fields[name].default)


def _commands() -> set[str]:
    """Every `syncd ...` that something here runs."""
    compose = yaml.safe_load((_DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    units = "\n".join(path.read_text(encoding="utf-8") for path in (_DEPLOY / "systemd").glob("*.service"))
    return {
        *(" ".join(compose["services"][part]["command"]) for part in _PARTS),
        *re.findall(r"^ExecStart=\S+/syncd (.+)$", units, re.MULTILINE),
        *re.findall(r"^\w+: syncd (.+)$", (_ROOT / "Procfile").read_text(encoding="utf-8"), re.MULTILINE),
    }


@pytest.mark.parametrize("command", sorted(_commands()))
def test_every_command_that_is_run_exists(command: str) -> None:
    argv = [sys.executable, "-m", "syncd", *command.split(), "--help"]
    done = subprocess.run(argv, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_commands_were_found() -> None:
    assert _commands() >= {"db upgrade", "web", "worker", "beat", "web --only hooks", "web --only console"}


def test_the_image_takes_its_packages_from_the_lock_and_runs_as_nobody_special() -> None:
    recipe = (_DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in recipe
    assert ".ci/lock/runtime.txt" in recipe
    last = recipe.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!0|root)\d+", last, re.MULTILINE)
    assert "pip uninstall" in last


def test_every_file_the_image_copies_is_let_through_to_its_build() -> None:
    recipe = (_DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    sources = {line.split()[1] for line in recipe.splitlines() if line.startswith("COPY ") and "--from" not in line}
    ignored = (_DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert sources == let_through
    assert "*" in ignored
    assert all((_ROOT / source).exists() for source in sources)
