"""The figures in tests/e2e/README.md, between the two marks of their size. A row that is reached anew takes the place of its older
figures; the others stay, each with the version of the code that reached it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "e2e" / "README.md"
_HEAD = "| fault | figure | reached | wanted | at |\n|---|---|---|---|---|"
_CELL = re.compile(r"(?<!\\)\|")


def write_table(figures: Sequence[Path], size: str, at: str) -> None:
    lines = [line for file in figures for line in file.read_text(encoding="utf-8").splitlines()]
    fresh = [{**json.loads(one), "at": at} for one in lines]
    text = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {size} -->", f"<!-- end of {size} -->"
    before, _, rest = text.partition(begin)
    inside, _, after = rest.partition(end)
    again = {_cell(one["row"]) for one in fresh}
    kept = [line for row, line in _lines(inside) if row not in again]
    rows = [_line(one) for one in {(one["row"], one["figure"]): one for one in fresh}.values()]
    table = "\n".join([_HEAD, *sorted([*kept, *rows], key=_fault)])
    PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def _lines(table: str) -> Iterator[tuple[str, str]]:
    for line in table.strip().splitlines()[2:]:
        yield _fault(line), line


def _fault(line: str) -> str:
    return _CELL.split(line)[1].strip()


def _line(one: Mapping[str, object]) -> str:
    return f"| {' | '.join(_cell(one[name]) for name in ('row', 'figure', 'reached', 'wanted', 'at'))} |"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|")
