"""A bundle never takes the place of another file, however late that one comes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.errors import Conflict, Misconfigured
from syncd.evidence.bundle.placing import placed, refuse_taken


def test_it_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    to = tmp_path / "a.zip"
    with placed(to) as place:
        place.file.write(b"bundle")
        assert [one.name for one in tmp_path.iterdir()] == [f".a.zip.{os.getpid()}.part"], "two have names of their own"
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.zip", b"bundle")]
    with pytest.raises(Misconfigured, match="is there already"):
        refuse_taken(to)


@pytest.mark.parametrize("broken", [KeyboardInterrupt, OSError(28, "No space left on device")], ids=["Ctrl-C", "full"])
def test_whatever_breaks_it_off_leaves_nothing(tmp_path: Path, broken: BaseException | type[BaseException]) -> None:
    def half() -> None:
        with placed(tmp_path / "a.zip") as place:
            place.file.write(b"half")
            raise broken

    with pytest.raises((KeyboardInterrupt, Misconfigured)):
        half()
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_there_meanwhile_is_left_alone_and_a_snapshot_keeps_its_bundle(tmp_path: Path) -> None:
    to = tmp_path / "a.zip"

    def late() -> None:
        with placed(to) as place:
            place.file.write(b"mine")
            to.write_bytes(b"theirs")
            place.number = 7

    with pytest.raises(Conflict, match=r"this bundle, snapshot 7, is .*a\.snapshot-7\.zip"):
        late()
    found = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert found == {"a.zip": b"theirs", "a.snapshot-7.zip": b"mine"}


def test_what_has_no_snapshot_is_given_up(tmp_path: Path) -> None:
    to = tmp_path / "a.zip"
    with pytest.raises(Misconfigured, match="is there already"), placed(to):
        to.write_bytes(b"theirs")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.zip": b"theirs"}
