"""Writes the reference pages that are made from data: `make docs`. A test compares them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from syncd.core.reasons import SENTENCES, Outcome  # noqa: E402  the project is found by the line above
from syncd.settings import Settings  # noqa: E402

_FIELD = re.compile(r"^    (\w+): .*?(?:  # (.*))?$")


def pages() -> dict[Path, str]:
    return {ROOT / "docs" / "settings.md": settings(), ROOT / "docs" / "reasons.md": reasons()}


def settings() -> str:
    """The comment behind each field is its documentation."""
    remarks = dict(_remarks((ROOT / "syncd" / "settings.py").read_text(encoding="utf-8")))
    lines = [
        "# Settings",
        "",
        "One TOML file (`--config`, else `SYNCD_CONFIG`, else `./syncd.toml`, else `/etc/syncd/syncd.toml`: the first there is),",
        "then files named like the setting in `$CREDENTIALS_DIRECTORY` and `SYNCD_SECRETS_DIR`, then `SYNCD_<NAME>` in the",
        "environment, then flags; the later wins. `syncd config show` tells where each value came from.",
        "",
        "| setting | default | |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory else str(field.default)
        shown = "" if "**" in default or default == "PydanticUndefined" else f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {remarks.get(name, '')} |")
    return "\n".join(lines) + "\n"


def _remarks(source: str) -> list[tuple[str, str]]:
    return [(found[1], found[2] or "") for line in source.splitlines() if (found := _FIELD.match(line))]


def reasons() -> str:
    lines = [
        "# Outcomes and reasons",
        "",
        "The words of `notification_deliveries`. Outcomes: " + ", ".join(f"`{one}`" for one in Outcome) + ".",
        "",
        "| reason | what it means |",
        "|---|---|",
        *(f"| `{reason}` | {sentence} |" for reason, sentence in SENTENCES.items()),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
