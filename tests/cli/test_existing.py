"""A home that was never used: commands that look into it say so and how to start, and leave it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli.existing import existing_database
from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.store.schema import is_current

from .conftest import Syncd

LOOKING = [
    "status",
    "cases list",
    "cases show CS-1",
    "links list",
    "links show 1",
    "deliveries list",
    "deliveries show 1",
    "integrations list",
    "integrations test acme",
    "connectors list",
]


@pytest.fixture
def unused(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = home / "unused"
    monkeypatch.setenv("SYNCD_HOME", str(folder))
    return folder


@pytest.mark.parametrize("words", LOOKING)
def test_it_says_how_to_start_and_makes_nothing(syncd: Syncd, unused: Path, words: str) -> None:
    ended = syncd(*words.split())
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"syncd: There is nothing here yet, no {unused}/syncd.db; start with `syncd up`, or set SYNCD_HOME to where it "
        "runs.\n"
    )
    assert not unused.exists()
    unused.mkdir()
    assert syncd(*words.split()).code == 2
    assert list(unused.iterdir()) == []


def test_a_file_that_was_named_and_is_not_there(
    syncd: Syncd, unused: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", f"sqlite:///{home}/elsewhere.db")
    ended = syncd("status")
    assert ended.code == 2
    assert "or set SYNCD_DATABASE_URL to where it runs" in ended.err
    assert not (home / "elsewhere.db").exists()


def test_what_is_there_is_opened_and_closed(home: Path) -> None:
    with existing_database(Settings(home=home)) as db:
        assert is_current(db)
    with pytest.raises(Misconfigured), existing_database(Settings(home=home / "unused")):
        pass
