"""The organisation's list of people, as people save it."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.evidence.collecting import collector, due
from syncd.evidence.collecting.catalogue import Wants
from syncd.evidence.collecting.roster import read
from syncd.evidence.facts.dataset import Lack, Name
from tests.evidence.collecting.rig import SLUG, Rig

_LINES = ["Name;E-Mail", "Zoë;zoe@example.org", "Bo;bo@example.org"]
_PEOPLE = {"zoe@example.org", "bo@example.org"}


def _read(folder: Path, raw: bytes) -> tuple[int, dict[str, object]]:
    file = folder / "people.csv"
    file.write_bytes(raw)
    return read(str(file), str.casefold)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_each_way_to_save_it_says_the_same(tmp_path: Path, encoding: str, ends: str) -> None:
    status, said = _read(tmp_path, ends.join(_LINES).encode(encoding))
    assert (status, said) == (200, {"people": sorted(_PEOPLE)})


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_of_either_order_is_known_by_its_mark(tmp_path: Path, order: str) -> None:
    text = "Name\tmail\r\nBo\tbo@example.org\r\n"
    raw = ("\ufeff" + text).encode(f"utf-16-{order}")
    assert _read(tmp_path, raw) == (200, {"people": ["bo@example.org"]})


@pytest.mark.parametrize(
    "raw",
    [
        "\n".join(_LINES).encode("utf-16-le"),
        "\n".join(_LINES).encode("utf-16-be"),
        "\n".join(_LINES).encode("cp1252"),
        b"mail\nbo@example.org\x00\n",
        b"\xff\xfeb\x00o",
    ],
    ids=["LE unmarked", "BE unmarked", "cp1252", "NUL", "cut off"],
)
def test_what_cannot_be_told_for_sure_is_not_read(tmp_path: Path, raw: bytes) -> None:
    assert _read(tmp_path, raw) == (422, {"error": "people.csv is not UTF-8; save it as CSV UTF-8"})


def test_a_file_that_is_no_csv_is_a_sentence(tmp_path: Path) -> None:
    status, said = _read(tmp_path, b"mail\n" + b"x" * 200_000 + b"@example.org\n")
    assert status == 422
    assert "people.csv is no CSV that can be read: field larger than field limit" in str(said["error"])


def test_another_file_is_taken_by_a_collecting_that_has_read_nothing_yet(rig: Rig, tmp_path: Path) -> None:
    rig.wants = Wants(roster=str(tmp_path / "old.csv"))
    numbers = due.ask(rig.db, SLUG, [Name.ROSTER], since=None, by="ana", roster=rig.wants.roster)
    rig.is_ending = True
    collector.work(rig.worker)
    rig.is_ending = False
    mended = tmp_path / "new.csv"
    mended.write_text("mail\nbo@example.org\n", encoding="utf-8")
    rig.wants = Wants(roster=str(mended))
    rig.finish(numbers)
    assert rig.facts().roster.is_whole
    assert len(rig.facts().roster.rows) == 1


def test_a_file_that_is_named_no_more_is_said(rig: Rig, tmp_path: Path) -> None:
    rig.wants = Wants(roster=str(tmp_path / "old.csv"))
    numbers = due.ask(rig.db, SLUG, [Name.ROSTER], since=None, by="ana", roster=rig.wants.roster)
    rig.is_ending = True
    collector.work(rig.worker)
    rig.is_ending, rig.wants = False, Wants()
    rig.finish(numbers)
    (lack,) = rig.facts().roster.missing
    assert (lack.why, lack.needs) == (Lack.NOT_GIVEN, "evidence_roster names no file any more")
