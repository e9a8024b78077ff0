"""Two of `syncd up` in one home would take each other's place without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli.only_one import only_one
from syncd.errors import Misconfigured


def test_a_second_one_is_refused_and_the_next_one_is_not(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(Misconfigured, match="already; stop it, or give"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_each_home_has_its_own(tmp_path: Path) -> None:
    with only_one(tmp_path / "one"), only_one(tmp_path / "two"):
        pass


def test_a_home_that_cannot_be_one_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="correct SYNCD_HOME"), only_one(tmp_path / "file"):
        pass
