"""What columns a list has when it has no rows: those that its route of /v1 declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from pydantic import BaseModel


def header(noun: str) -> Sequence[str]:
    """Of `GET /v1/NOUN`, whose answer has the rows under the last part of its noun."""
    from syncd.console.contract.declared import OPERATIONS

    answer = OPERATIONS["GET", f"/v1/{noun}"].answers[200]
    listed = answer.model_fields[noun.rpartition("/")[2]].annotation
    (row,) = get_args(listed)
    if not issubclass(row, BaseModel):
        raise TypeError(f"GET /v1/{noun} lists {row!r}, which has no fields.")
    return list(row.model_fields)
