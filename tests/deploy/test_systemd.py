"""The systemd units: hardened alike, restarted, stopped in time, and correct in systemd's own eyes where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from syncd.settings import Settings

_UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
_COMMON = _UNITS / "syncd-.service.d" / "common.conf"


def _values(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    shutil.copytree(_UNITS, tmp_path, dirs_exist_ok=True)
    units = [path for path in tmp_path.iterdir() if path.suffix in {".service", ".target"}]
    for unit in units:
        # The command is where a site installs it; here it only has to be something that can be run.
        unit.write_text(
            unit.read_text(encoding="utf-8").replace("/opt/syncd/.venv/bin/syncd", "/bin/true"), encoding="utf-8"
        )
    argv = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_every_part_has_a_unit_the_common_settings_reach(name: str) -> None:
    unit = (_UNITS / f"syncd-{name}.service").read_text(encoding="utf-8")
    assert _values(unit, "ExecStart")[0].startswith("/opt/syncd/.venv/bin/syncd ")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_parts_that_run_wait_for_the_migration_and_are_given_time_to_stop(name: str) -> None:
    unit = (_UNITS / f"syncd-{name}.service").read_text(encoding="utf-8")
    assert _values(unit, "Requires") == _values(unit, "After") == ["syncd-migrate.service"]
    assert int(_values(unit, "TimeoutStopSec")[0].removesuffix("s")) >= 10


def test_they_run_confined_and_are_started_again() -> None:
    common = _COMMON.read_text(encoding="utf-8")
    assert _values(common, "DynamicUser") == ["yes"]
    assert _values(common, "ProtectSystem") == ["strict"]
    assert _values(common, "Restart") == ["on-failure"]
    assert _values(common, "StartLimitIntervalSec") == ["0"]


def test_each_credential_is_a_setting_and_lies_under_its_own_name() -> None:
    credentials = [value.split(":") for value in _values(_COMMON.read_text(encoding="utf-8"), "LoadCredential")]
    assert {name for name, _ in credentials} == {"database_url", "redis_url", "master_keys", "api_token"}
    assert {name for name, _ in credentials} <= set(Settings.model_fields)
    assert all(path == f"/etc/syncd/secrets/{name}" for name, path in credentials)
