"""On which line of a TOML file something stands, which tomllib does not tell.

Texts and comments are blanked out first, so that what they say is not taken for TOML. Then a line that begins with `[[name]]` begins
the next table of that name, `[name.part]` is a key of the last one, and `key =` is a key. What stands in a table written on one line
is found at the key that holds it; what is not found, at the head of its table, else on the first line.
"""

from __future__ import annotations

import re

from syncd.toml import blanked

_TABLE = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]")
_PART = re.compile(r"\s*\[\s*([\w-]+)\s*\.\s*([\w-]+)")
_KEY = re.compile(r"\s*([\w-]+)\s*[.=]")


class Lines:
    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str, int, str], int] = {}
        counts: dict[str, int] = {}
        table = ""
        for number, line in enumerate(blanked(text).split("\n"), 1):
            if head := _TABLE.match(line):
                table = head[1]
                counts[table] = counts.get(table, -1) + 1
                self._keep((table, counts[table], ""), number)
            elif part := _PART.match(line):
                table = part[1]
                self._keep((table, counts.get(table, 0), part[2]), number)
            elif key := _KEY.match(line):
                self._keep((table, counts.get(table, 0), key[1]), number)

    def line(self, table: str, index: int = 0, key: str = "") -> int:
        """Of a key of the table with this index; with an empty table of a key, or a table, of the file itself."""
        for spot in ((table, index, key), (table or key, index, ""), ("", 0, table)):
            if spot in self._found:
                return self._found[spot]
        return 1

    def _keep(self, spot: tuple[str, int, str], number: int) -> None:
        self._found.setdefault(spot, number)
