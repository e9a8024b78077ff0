"""What the documents say is compared with what the code says."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

from syncd.cli.status import status
from syncd.console.demo.mishaps import MISHAPS
from syncd.core import lifecycle
from syncd.core.reasons import SENTENCES, Reason
from syncd.core.retry import CAPS
from syncd.flow.status.condition import OLD_AFTER
from syncd.flow.status.parts import SILENT_AFTER

ROOT = Path(__file__).resolve().parents[2]


def _docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ci_docs", ROOT / ".ci" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_up_to_date() -> None:
    for path, text in _docs().pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is old; run `make docs`"


def test_every_table_says_what_it_is() -> None:
    silent = re.findall(r"^## `(\w+)`\n\n\|", _docs().tables(), re.MULTILINE)
    assert silent == []


def test_every_setting_is_explained() -> None:
    rows = [line.split("|") for line in _docs().settings().splitlines() if line.startswith("| `")]
    assert len(rows) > 20
    assert [row[1].strip() for row in rows if not row[3].strip()] == []


def test_the_help_of_status_names_the_limits_that_hold() -> None:
    told = re.sub(r"\s+", " ", str(status.__doc__))
    assert f"more than {OLD_AFTER.total_seconds() / 60:.0f} minutes" in told
    assert SILENT_AFTER.total_seconds() == 60
    assert "seen for a minute" in told


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


def test_the_readme_prints_the_waits_that_are_made() -> None:
    readme = re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8"))
    words = ["2 s", "10 s", "1 min", "5 min", "15 min", "30 min"]
    seconds = [2, 10, 60, 300, 900, 1800, 3600]
    assert [cap.total_seconds() for cap in CAPS] == seconds
    assert f"{', '.join(words)}, and then 1 h" in readme


def test_the_page_about_the_demo_has_every_button_of_it() -> None:
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    assert [row.split(" | ")[0].removeprefix("| ") for row in page.splitlines() if row.startswith("| ")][1:] == [
        one.label for one in MISHAPS.values()
    ]


def test_pictures_are_light() -> None:
    taken = list((ROOT / "docs" / "pictures").iterdir())
    assert 0 < len(taken) <= 3
    assert {path.name: path.stat().st_size for path in taken if path.stat().st_size >= 150_000} == {}


def test_the_charts_of_the_map_are_the_tables_of_the_core() -> None:
    chart = (ROOT / "syncd" / "README.md").read_text(encoding="utf-8")
    arrows = {
        (source, target)
        for line in chart.splitlines()
        for source, targets in re.findall(r"(\w+) -> ((?:\w+ ?\| ?)*\w+)", line)
        for target in re.split(r" ?\| ?", targets)
    }
    for table in (lifecycle.ARRIVAL, lifecycle.ERRAND, lifecycle.LINK, lifecycle.INTEGRATION):
        for source, targets in table.items():
            assert {(str(source), str(target)) for target in targets} <= arrows


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[\[><=;]", one)[0].strip() for one in wanted}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert sorted(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)) == []
