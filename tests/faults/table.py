"""The figures in tests/e2e/README.md: rewritten between its two marks by whoever reached them, the other size's left as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "e2e" / "README.md"


def write_table(figures: Path, size: str) -> None:
    lines = [json.loads(one) for one in figures.read_text(encoding="utf-8").splitlines()] if figures.exists() else []
    rows = [_row(one) for one in {(one["row"], one["figure"]): one for one in lines}.values()]
    table = "\n".join(["| fault | figure | reached | wanted |", "|---|---|---|---|", *rows])
    begin, end = f"<!-- {size} -->", f"<!-- end of {size} -->"
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def _row(one: Mapping[str, object]) -> str:
    return f"| {one['row']} | {one['figure']} | {one['reached']} | {one['wanted']} |"
