"""docs/bundle.md names every field of a report, every table, every kind of fault and every file of a bundle."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from syncd.evidence.bundle.archive import Archive
from syncd.evidence.bundle.contents import files
from syncd.evidence.report.tables import COLUMNS
from tests.evidence.account import GOOD
from tests.evidence.held import pages
from tests.evidence.report.made import as_json

ROOT = Path(__file__).resolve().parents[2]
PAGE = re.sub(r"```.*?```", "", (ROOT / "docs" / "bundle.md").read_text(encoding="utf-8"), flags=re.DOTALL)
NAMED = set(re.findall(r"`([^`]+)`", PAGE))


def test_every_field_and_table_of_a_report_is_named() -> None:
    assert set(as_json()) - NAMED == {"format"}
    assert "syncd-evidence-report/1" in NAMED
    assert set(COLUMNS) - NAMED == set()


def test_every_kind_of_fault_is_named() -> None:
    sources = [one.read_text(encoding="utf-8") for one in (ROOT / "syncd" / "evidence" / "bundle").glob("*.py")]
    kinds = {kind for text in sources for kind in re.findall(r'(?:Fault|NoArchive)\(\s*"(\w+)"', text)}
    assert {"changed", "chain", "path"} <= kinds
    assert kinds - NAMED == set()


def test_every_file_and_folder_of_a_bundle_is_told() -> None:
    archive = Archive(BytesIO())
    written = [archive.add(name, content).name for name, content in files(GOOD, as_json(), iter(pages()), None)]
    tops = {f"{one.split('/')[0]}/" if "/" in one else one for one in written}
    assert tops - NAMED == set()
    assert written == sorted(written)
