"""Numbers of rows in addresses: `{link:number}`. What no row can have is no such place, and never reaches a database."""

from __future__ import annotations

import re

from starlette.convertors import Convertor, register_url_convertor


class Number(Convertor[int]):
    """Starlette's own takes any number of digits, more than Python reads or a column holds."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


def plain(path: str) -> str:
    """Without how its parameters are read."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def make_known() -> None:
    """Before the first route that uses it is made; once more does no harm."""
    register_url_convertor("number", Number())
