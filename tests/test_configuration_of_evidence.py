"""The table `[evidence]` among the settings: read with them, and each fault named with its file, its line and its key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.configuration import load
from syncd.errors import Misconfigured
from syncd.evidence.rules.values import Rules, Target


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("CREDENTIALS_DIRECTORY", *(name for name in os.environ if name.startswith("SYNCD_"))):
        monkeypatch.delenv(name, raising=False)


def written(folder: Path, text: str) -> Path:
    path = folder / "syncd.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_it_the_defaults_hold(tmp_path: Path) -> None:
    assert load().evidence == Rules()
    assert load(written(tmp_path, "[evidence]\n")).evidence == Rules()
    assert load().shown()["evidence"] == ""


def test_it_is_read_with_the_other_settings(tmp_path: Path) -> None:
    text = 'http_port = 9\n[evidence]\nlevels = 3\n[evidence.critical]\nnames = ["Check*"]\n[evidence.targets]\n"Very high" = { acknowledge = 1, resolve = 2 }\n'
    found = load(written(tmp_path, text))
    assert (found.http_port, found.evidence.levels, found.evidence.critical.names) == (9, 3, ("Check*",))
    assert found.evidence.target("Very high") == Target(1, 2)
    assert found.origins()["evidence"] == "syncd.toml" or found.origins()["evidence"].endswith("syncd.toml")
    assert "levels = 3" in found.shown()["evidence"]
    assert "owners" not in found.shown()["evidence"]


def test_each_fault_is_named_with_its_file_line_and_key(tmp_path: Path) -> None:
    text = """\
http_port = 70000
[evidence]
# levels = 1
levels = 0
levles = 2
[evidence.critical]
name = ["x"]
[evidence.targets]
"Very high" = { acknowledge = 0, resolve = 2 }
P2 = 5
"""
    path = written(tmp_path, text)
    with pytest.raises(Misconfigured) as caught:
        load(path)
    lines = str(caught.value).splitlines()
    assert lines[:5] == [
        f"{path}, line 4: evidence.levels is 0; it takes a whole number, at least 1, at most 20.",
        f"{path}, line 5: evidence.levles: no such key, did you mean levels?",
        f"{path}, line 7: evidence.critical.name: no such key, did you mean names?",
        f'{path}, line 9: evidence.targets."Very high".acknowledge is 0; it takes a whole number, at least 1, at most 100000.',
        f"{path}, line 10: evidence.targets.P2 is 5; it takes a table of acknowledge and resolve, in minutes.",
    ]
    assert len(lines) == 6
    assert "http_port" in lines[5]


def test_what_is_no_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"evidence is 5; it takes a table, \[evidence\], in a TOML file"):
        load(written(tmp_path, "evidence = 5\n"))


def test_it_stands_in_the_file_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "evidence").write_text("levels = 3", encoding="utf-8")
    monkeypatch.setenv("SYNCD_SECRETS_DIR", str(tmp_path / "secrets"))
    assert load().evidence == Rules()
    monkeypatch.setenv("SYNCD_EVIDENCE", "{}")
    with pytest.raises(
        Misconfigured, match=r"SYNCD_EVIDENCE: no such setting; the rules of evidence are a table, \[evidence\]"
    ):
        load()
